/*
 * Problems of other monitors: what they say, what is told of it, and what is
 * shown then.  A word is what they say: what it is, the problem, @, the
 * subject, and after # the delivery.
 *
 *     D down  W warning  A acknowledged  U up  N notice  T test
 *     S maintenance  F over  ? they cannot tell
 *
 * Told: O opened, C changed, X closed, N notice; the subject, and its status.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/external_internal.h"
#include "agent/ledger.h"
#include "conf/conf.h"
#include "conf/inbound.h"
#include "tests/support/outbox_kit.h"

enum {
	MANY = 3000,
	EXPIRE_MS = 60 * 1000,
};

struct scene {
	struct externals *externals;
	struct conf conf;
	struct conf_inbound source;
	struct buf told;
	size_t n_told;
	char cause[32]; /* of what was told last */
	char service[32];
	char text[256];
};

static void
on_event(void *cookie, const struct event *event)
{
	static const char letters[] = {
		[EVENT_OPENED] = 'O',
		[EVENT_CHANGED] = 'C',
		[EVENT_CLOSED] = 'X',
		[EVENT_NOTICE] = 'N',
	};
	struct scene *scene = cookie;
	const char *name = event->endpoint.name;
	assert_true(str_starts(name, "src/"));
	scene->n_told++;
	if (scene->told.len < 1000)
		buf_printf(&scene->told, "%s%c%s%d",
			scene->told.len > 0 ? " " : "", letters[event->kind],
			name + 4, event->to);
	str_copy(scene->cause, sizeof(scene->cause), cause_name(event->cause));
	str_copy(scene->service, sizeof(scene->service),
		event->endpoint.service ? event->endpoint.service : "-");
	str_copy(scene->text, sizeof(scene->text), event->message);
}

static void
begin(struct scene *scene)
{
	struct err err;
	scene->externals = externals_new(&(struct external_settings){
		.store = f.store,
		.ledger = f.ledger,
		.rng = &f.rng,
		.outbox = f.outbox,
		.on_event = on_event,
		.cookie = scene,
	});
	if (!externals_load(scene->externals, &err))
		fail_msg("%s", err.text);
	externals_set_scope(scene->externals, &scene->conf, NULL, 0, f.now);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	outbox_kit_set_up(NULL);
	scene->source =
		(struct conf_inbound){ .name = "src", .expire_ms = EXPIRE_MS };
	scene->conf.inbound = (struct conf_list){ &scene->source, 1 };
	buf_init(&scene->told, 4096);
	begin(scene);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	externals_free(scene->externals);
	outbox_kit_tear_down(NULL);
	buf_finish(&scene->told);
	free(scene);
	return 0;
}

/* What a former process knew is there again. */
static void
restart(struct scene *scene)
{
	ledger_turn(f.ledger, f.now);
	externals_free(scene->externals);
	outbox_kit_restart();
	begin(scene);
}

static struct problem
problem_of(const char *key, const char *subject)
{
	return (struct problem){
		.state = PROBLEM_DOWN,
		.subject = subject,
		.identity = key,
		.delivery = "",
		.status = STATUS_MAJOR_OUTAGE,
		.severity = "",
		.title = "title",
		.text = "",
		.link = "",
		.service = "EC2",
		.category = "",
		.account = "",
		.region = "",
	};
}

static void
take(struct scene *scene, const struct problem *said)
{
	externals_take(scene->externals, &scene->source, said, 1, f.now);
}

static void
say(struct scene *scene, const char *word)
{
	static const char letters[] = "DUA?NTSF";
	char key[32] = "", subject[32] = "", delivery[32] = "";
	assert_true(
		sscanf(word + 1, "%31[^@]@%31[^#]#%31s", key, subject, delivery)
		>= 2);
	struct problem said = problem_of(key, subject);
	said.delivery = delivery;
	if (word[0] == 'W')
		said.status = STATUS_PERFORMANCE_ISSUES;
	else
		said.state = (enum problem_state)(
			strchr(letters, word[0]) - letters);
	take(scene, &said);
}

/* Each word may be heard by another process. */
static void
say_all(struct scene *scene, const char *words, bool restarts)
{
	char word[64];
	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t len = strcspn(words, " ");
		assert_true(len < sizeof(word));
		memcpy(word, words, len), word[len] = '\0';
		say(scene, word);
		words += len;
		if (restarts)
			restart(scene);
	}
}

static void
assert_shown(const struct scene *scene, const char *about, const char *shown)
{
	struct buf text;
	buf_init(&text, 4096);
	for (size_t i = 0; i < externals_count(scene->externals); i++) {
		struct external_subject subject =
			externals_at(scene->externals, i);
		buf_printf(&text, "%s%s%d/%zu", i > 0 ? " " : "",
			subject.name + 4, subject.status, subject.problems);
	}
	if (strcmp(text.data, shown) != 0)
		fail_msg("%s: shown \"%s\", expected \"%s\"", about, text.data,
			shown);
	buf_finish(&text);
}

static const struct {
	const char *about;
	const char *said;
	const char *told;
	const char *shown; /* status and open problems of each subject */
} rows[] = {
	{ "opened, said again, closed", "Da@s Da@s Ua@s Ua@s", "Os4 Xs1 Ns1",
		"s1/0" },
	{ "worse, and better", "Wa@s Da@s Wa@s", "Os2 Cs4 Cs2", "s2/1" },
	{ "a subject is as its worst problem", "Wa@s Db@s", "Os2 Os4", "s4/2" },
	{ "the worst of them ends", "Wa@s Db@s Ub@s", "Os2 Os4 Xs1", "s2/1" },
	{ "two of the worst, one ends", "Da@s Db@s Ua@s", "Os4 Os4 Xs1",
		"s4/1" },
	{ "the worst becomes less", "Da@s Wb@s Wa@s", "Os4 Os2 Cs2", "s2/2" },
	{ "opened again is another one", "Da@s Ua@s Da@s", "Os4 Xs1 Os4",
		"s4/1" },
	{ "an end without a beginning makes known", "Ua@s", "Ns1", "s1/0" },
	{ "a notice makes nothing", "Na@s Ta@t Sa@u Fa@v", "Ns1 Nt1 Nu1 Nv1",
		"" },
	{ "what they cannot tell changes nothing", "?a@s Da@s ?a@s", "Os4",
		"s4/1" },
	{ "acknowledged before it was heard of", "Aa@s Aa@s", "Os4", "s4/1" },
	{ "a notice about what is down", "Da@s Na@s", "Os4 Ns1", "s4/1" },
	{ "the same delivery counts once", "Da@s#1 Ua@s#2 Da@s#1 Ua@s#2",
		"Os4 Xs1", "s1/0" },
	{ "another delivery of the same", "Na@s#1 Na@s#1 Na@s#2", "Ns1 Ns1",
		"" },
	{ "it moved to another subject: the first is meant", "Da@s Wa@t Ua@t",
		"Os4 Cs2 Xs1", "s1/0" },
};

static void
test_each_sentence(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *about = rows[i / 2].about;
		void *state;
		set_up(&state);
		struct scene *scene = state;
		say_all(scene, rows[i / 2].said, i % 2);
		if (strcmp(scene->told.data, rows[i / 2].told) != 0)
			fail_msg("%s: told \"%s\", expected \"%s\"", about,
				scene->told.data, rows[i / 2].told);
		assert_shown(scene, about, rows[i / 2].shown);
		tear_down(&state);
	}
}

static void
test_its_end_has_what_its_beginning_had(void **state)
{
	struct scene *scene = *state;
	say(scene, "Da@s");
	restart(scene);
	struct problem said = problem_of("a", "s");
	said.state = PROBLEM_UP, said.service = "";
	take(scene, &said);
	assert_string_equal(scene->told.data, "Os4 Xs1");
	assert_string_equal(scene->service, "EC2");
}

static void
say_many(struct scene *scene, int subjects)
{
	char key[32], subject[32];
	for (int i = 0; i < MANY; i++) {
		struct problem said = problem_of(key, subject);
		snprintf(key, sizeof(key), "k%d", i);
		snprintf(subject, sizeof(subject), "s%d", i % subjects);
		said.status =
			i % 2 ? STATUS_MAJOR_OUTAGE : STATUS_PERFORMANCE_ISSUES;
		take(scene, &said);
	}
	assert_int_equal(scene->n_told, MANY);
}

/* They were closed one by one, and all looked at for each. */
static void
test_a_source_goes_with_thousands(void **state)
{
	static const int subjects[] = { 1, 1000 };
	struct scene *scene = *state;
	for (size_t i = 0; i < 2; i++) {
		scene->n_told = 0;
		scene->conf.inbound.count = 1;
		say_many(scene, subjects[i]);
		ledger_turn(f.ledger, f.now);
		scene->conf.inbound.count = 0;
		externals_set_scope(
			scene->externals, &scene->conf, NULL, 0, f.now);
		assert_int_equal(scene->n_told, 2 * MANY);
		assert_string_equal(scene->cause, "removed");
		assert_shown(scene, "gone", "");
		assert_int_equal(externals_stats(scene->externals).problems, 0);
		ledger_turn(f.ledger, f.now);
	}
	scene->conf.inbound.count = 1;
	restart(scene);
	assert_shown(scene, "gone, also for the next process", "");
}

static void
test_what_never_ends_expires(void **state)
{
	struct scene *scene = *state;
	struct problem said = problem_of("a", "s");
	said.is_for_ever = true;
	take(scene, &said);
	say(scene, "Db@s");
	int64_t due_ms = externals_turn(scene->externals, f.now);
	assert_int_equal(due_ms, f.now.mono_ms + EXPIRE_MS);
	f.now.mono_ms += EXPIRE_MS / 2, f.now.wall_ms += EXPIRE_MS / 2;
	take(scene, &said); /* said once more: from now on */
	restart(scene);
	f.now.mono_ms += EXPIRE_MS - 1, f.now.wall_ms += EXPIRE_MS - 1;
	externals_turn(scene->externals, f.now);
	assert_string_equal(scene->told.data, "Os4 Os4");
	f.now.mono_ms++, f.now.wall_ms++;
	assert_int_equal(externals_turn(scene->externals, f.now), -1);
	assert_string_equal(scene->told.data, "Os4 Os4 Xs1");
	assert_string_equal(scene->text, "nothing more was heard of it");
	assert_shown(scene, "the other stays", "s4/1");
	assert_int_equal(externals_stats(scene->externals).expired, 1);
}

static void
test_thousands_expire_at_once(void **state)
{
	struct scene *scene = *state;
	char key[32];
	for (int i = 0; i < MANY; i++) {
		struct problem said = problem_of(key, "s");
		snprintf(key, sizeof(key), "k%d", i);
		said.is_for_ever = true;
		take(scene, &said);
	}
	f.now.mono_ms += EXPIRE_MS, f.now.wall_ms += EXPIRE_MS;
	assert_int_equal(externals_turn(scene->externals, f.now), -1);
	assert_int_equal(scene->n_told, 2 * MANY);
	assert_shown(scene, "all over", "s1/0");
}

static void
test_subjects_have_a_ceiling(void **state)
{
	struct scene *scene = *state;
	char subject[32];
	say_all(scene, "Da@well Ua@well", false);
	for (int i = 0; i < EXTERNAL_SUBJECTS_MAX + 10; i++) {
		snprintf(subject, sizeof(subject), "s%d", i);
		struct problem said = problem_of(subject, subject);
		take(scene, &said);
	}
	/* The one that was well made room; the rest is called others. */
	size_t n = externals_count(scene->externals);
	assert_int_equal(n, EXTERNAL_SUBJECTS_MAX + 1);
	for (size_t i = 0; i < n; i++)
		assert_string_not_equal(
			externals_at(scene->externals, i).name, "src/well");
	struct external_subject last = externals_at(scene->externals, n - 1);
	assert_string_equal(last.name, "src/others");
	assert_int_equal(last.problems, 10);
}

static void
test_problems_have_a_ceiling(void **state)
{
	struct scene *scene = *state;
	char key[32];
	assert_null(externals_unready(scene->externals));
	for (int i = 0; i < EXTERNAL_PROBLEMS_MAX; i++) {
		struct problem said = problem_of(key, "s");
		snprintf(key, sizeof(key), "k%d", i);
		take(scene, &said);
	}
	assert_string_equal(externals_unready(scene->externals),
		"too many problems are open");
	say(scene, "Uk1@s");
	assert_null(externals_unready(scene->externals));
}

static void
test_what_was_heard_long_ago_is_forgotten(void **state)
{
	struct scene *scene = *state;
	char word[64];
	for (int i = 0; i < 20001; i++) {
		snprintf(word, sizeof(word), "?a@s#%d", i);
		say(scene, word);
	}
	say(scene, "Na@s#1"); /* the second of them is still known */
	assert_string_equal(scene->told.data, "");
	say(scene, "Na@s#0");
	assert_string_equal(scene->told.data, "Ns1");
}

static void
test_a_rule_drops_but_not_an_end(void **state)
{
	struct scene *scene = *state;
	struct conf_inbound_rule rule = { .drop = true };
	say(scene, "Da@s");
	scene->source.rules = (struct conf_list){ &rule, 1 };
	say_all(scene, "Db@t Wa@s Nc@s Uz@s Ua@s", false);
	assert_string_equal(scene->told.data, "Os4 Xs1");
	assert_shown(scene, "nothing of what was dropped", "s1/0");
	assert_int_equal(externals_stats(scene->externals).dropped, 4);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_sentence),
		CASE(its_end_has_what_its_beginning_had),
		CASE(a_source_goes_with_thousands),
		CASE(what_never_ends_expires),
		CASE(thousands_expire_at_once),
		CASE(subjects_have_a_ceiling),
		CASE(problems_have_a_ceiling),
		CASE(what_was_heard_long_ago_is_forgotten),
		CASE(a_rule_drops_but_not_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
