/*
 * A row is a sentence: the truth is this, there it shows that, and so much is
 * known of how it came about; so this is done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/str.h"
#include "agent/judge/drift.h"
#include "reporters/view.h"

static const char *const acts[] = {
	[DRIFT_NONE] = "nothing",
	[DRIFT_UNSURE] = "wait",
	[DRIFT_MEND] = "mend",
	[DRIFT_LEAVE] = "leave",
};

/* Words: owed, strict; moving: something of ours is on its way. */
static bool
says(const char *words, const char *word)
{
	return strstr(words, word) != NULL;
}

static struct drift_terms
terms_of(const char *words)
{
	return (struct drift_terms){
		.owed = says(words, "owed"),
		.strict = says(words, "strict"),
	};
}

static const struct {
	const char *sentence;
	int truth, there, left;
	const char *words;
	const char *act;
} components[] = {
	{ "equal", 1, 1, -1, "", "nothing" },
	{ "equal though owed", 4, 4, -1, "owed", "nothing" },
	{ "red there, and we could not speak", 1, 4, -1, "owed", "mend" },
	{ "green there in an outage, at the start", 3, 1, -1, "owed", "mend" },
	{ "another severity is a difference", 3, 4, -1, "owed", "mend" },
	{ "red there though we told it green", 1, 4, -1, "", "leave" },
	{ "green there though we told it red", 3, 1, -1, "", "leave" },
	{ "strictly it is put back", 1, 4, -1, "strict", "mend" },
	{ "strictly, and owed", 1, 4, -1, "owed strict", "mend" },
	{ "left before, and it was away", 1, 2, 2, "owed", "leave" },
	{ "left before, but it is another now", 1, 3, 2, "owed", "mend" },
	{ "left before, strict by now", 1, 2, 2, "strict", "mend" },
	{ "left before, and put back by themselves", 1, 1, 2, "", "nothing" },
	{ "nobody knows how the endpoint is", 0, 4, -1, "owed", "wait" },
	{ "ours is on its way", 1, 4, -1, "owed moving", "wait" },
	{ "strictly, and ours is on its way", 1, 4, -1, "strict moving",
		"wait" },
	{ "under maintenance is a person's word", 1, 6, -1, "owed", "leave" },
	{ "under maintenance, strictly", 1, 6, -1, "strict", "mend" },
	{ "unknown, of a new component of Cachet 3", 1, 5, -1, "owed", "mend" },
	{ "unknown, of Cachet 2.4", 3, 0, -1, "owed", "mend" },
	{ "unknown, set by hand", 1, 5, -1, "", "leave" },
};

static void
test_components(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(components) / sizeof(components[0]);
		i++) {
		const char *words = components[i].words;
		struct drift_component component = {
			.truth = (enum status)components[i].truth,
			.there = components[i].there,
			.left = components[i].left,
			.still = !says(words, "moving"),
		};
		const char *act =
			acts[drift_component(&component, terms_of(words))];
		if (!str_eq(act, components[i].act))
			fail_msg("%s: %s, not %s", components[i].sentence, act,
				components[i].act);
	}
}

/* Words: also left, so it was the last time. */
static const struct {
	const char *sentence;
	const char *ours, *there;
	const char *words;
	const char *act;
} incidents[] = {
	{ "an outage that is shown", "open", "open", "owed", "nothing" },
	{ "over, and shown so", "over", "fixed", "owed", "nothing" },
	{ "over, and deleted since", "over", "gone", "strict", "nothing" },
	{ "over, but shown: we could not say so", "over", "open", "owed",
		"mend" },
	{ "over, but opened again by somebody", "over", "open", "", "leave" },
	{ "the same, strictly", "over", "open", "strict", "mend" },
	{ "left open before, and it was away", "over", "open", "owed left",
		"leave" },
	{ "left open before, strict by now", "over", "open", "strict left",
		"mend" },
	{ "its end is on its way", "over", "open", "owed moving", "wait" },
	{ "fixed by somebody while it lasts", "open", "fixed", "", "leave" },
	{ "the same at the start: we never did that", "open", "fixed", "owed",
		"leave" },
	{ "the same, strictly", "open", "fixed", "strict", "mend" },
	{ "deleted while it lasts", "open", "gone", "", "leave" },
	{ "deleted, at the start", "open", "gone", "owed", "leave" },
	{ "deleted is never made again", "open", "gone", "owed strict",
		"leave" },
};

static enum drift_there
there_of(const char *word)
{
	return str_eq(word, "open")	? DRIFT_OPEN
		: str_eq(word, "fixed") ? DRIFT_FIXED
					: DRIFT_GONE;
}

static void
test_incidents(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(incidents) / sizeof(incidents[0]); i++) {
		const char *words = incidents[i].words;
		struct drift_incident incident = {
			.open = str_eq(incidents[i].ours, "open"),
			.there = there_of(incidents[i].there),
			.left = says(words, "left"),
			.still = !says(words, "moving"),
		};
		const char *act =
			acts[drift_incident(&incident, terms_of(words))];
		if (!str_eq(act, incidents[i].act))
			fail_msg("%s: %s, not %s", incidents[i].sentence, act,
				incidents[i].act);
	}
}

/* Views. */

static void
test_view_finds(void **unused)
{
	(void)unused;
	static const int64_t ids[] = { 7, 3, 9, 3, 1, 7 };
	struct reporter_view *view = view_new();
	assert_null(view_component(view, 7));
	assert_null(view_incident(view, 7));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		view_add_component(view)->id = ids[i];
		view_add_incident(view)->id = ids[i];
	}
	assert_true(view_has_incident(view, 9));
	view_sort(view);
	assert_int_equal(view->n_components, 4);
	assert_int_equal(view->n_incidents, 4);
	for (int64_t id = 0; id < 12; id++) {
		bool there = id == 1 || id == 3 || id == 7 || id == 9;
		assert_int_equal(view_component(view, id) != NULL, there);
		assert_int_equal(view_incident(view, id) != NULL, there);
		assert_int_equal(view_has_incident(view, id), there);
	}
	view_free(view);
}

static void
test_view_has_an_end(void **unused)
{
	(void)unused;
	struct reporter_view *view = view_new();
	for (int64_t i = 0; i < VIEW_COMPONENTS_MAX; i++)
		view_add_component(view)->id = VIEW_COMPONENTS_MAX - i;
	for (int64_t i = 0; i < VIEW_INCIDENTS_MAX; i++)
		view_add_incident(view)->id = i + 1;
	assert_false(view->cut);
	assert_null(view_add_component(view));
	assert_true(view->cut);
	view->cut = false;
	assert_null(view_add_incident(view));
	assert_true(view->cut);
	view_sort(view);
	assert_int_equal(view_component(view, 1)->id, 1);
	assert_int_equal(view_component(view, VIEW_COMPONENTS_MAX)->id,
		VIEW_COMPONENTS_MAX);

	view->wanted[view->n_wanted++] = 5;
	view_clear(view);
	assert_null(view_component(view, 1));
	assert_false(view->cut);
	assert_int_equal(view->n_wanted, 1);
	view_free(view);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_components),
		cmocka_unit_test(test_incidents),
		cmocka_unit_test(test_view_finds),
		cmocka_unit_test(test_view_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
