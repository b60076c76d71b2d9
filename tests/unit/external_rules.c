/* Which rule a problem of another monitor fits, and what events have of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/external_internal.h"
#include "agent/model/event.h"
#include "conf/inbound.h"

static struct problem
problem_of(const char *key, const char *subject)
{
	return (struct problem){
		.subject = subject,
		.identity = key,
		.severity = "",
		.service = "EC2",
		.category = "",
		.account = "",
		.region = "",
	};
}

static const struct {
	struct conf_inbound_match match;
	bool fits;
} matches[] = {
	{ { 0 }, true },
	{ { .service = "EC2" }, true },
	{ { .service = "ec2" }, true },
	{ { .service = "EC*" }, true },
	{ { .service = "EC" }, false },
	{ { .service = "*" }, true },
	{ { .region = "*" }, true },
	{ { .region = "us-*" }, false },
	{ { .subject = "SHOP.*" }, true },
	{ { .service = "EC2", .subject = "other" }, false },
	{ { .severity = "critical" }, true },
	{ { .category = "issue", .account = "1" }, true },
	{ { .account = "2" }, false },
};

static void
test_rules(void **unused)
{
	(void)unused;
	struct problem_label label = { "team", "Web" };
	struct problem said = problem_of("a", "shop.example.com");
	said.severity = "Critical", said.category = "issue";
	said.account = "1", said.labels = &label, said.n_labels = 1;
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		struct conf_inbound_rule rule = { .match = &matches[i].match };
		struct conf_inbound source = { .rules = { &rule, 1 } };
		const struct conf_inbound_rule *found =
			external_rule(&source, &said);
		assert_ptr_equal(found, matches[i].fits ? &rule : NULL);
	}
	static const struct {
		struct conf_pair pair;
		bool fits;
	} labels[] = {
		{ { "team", "web" }, true },
		{ { "team", NULL }, true },
		{ { "Team", "web" }, false },
		{ { "team", "we" }, false },
		{ { "other", "*" }, false },
	};
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct conf_inbound_match match = {
			.labels = { &labels[i].pair, 1 },
		};
		struct conf_inbound_rule rule = { .match = &match };
		struct conf_inbound source = { .rules = { &rule, 1 } };
		assert_int_equal(
			external_rule(&source, &said) != NULL, labels[i].fits);
	}
}

static void
test_labels_have_a_ceiling(void **unused)
{
	(void)unused;
	static char long_one[EVENT_LABELS_BYTES_MAX];
	memset(long_one, 'x', sizeof(long_one) - 1);
	struct problem_label labels[60];
	for (size_t i = 0; i < 60; i++)
		labels[i] = (struct problem_label){ "n", "v" };
	labels[1].value = long_one; /* it and the first do not both fit */
	struct problem said = problem_of("a", "s");
	said.labels = labels, said.n_labels = 60;
	struct event_endpoint endpoint = { 0 };
	struct arena *arena = arena_new();
	external_know(&said, arena, &endpoint);
	assert_int_equal(endpoint.n_labels, EVENT_LABELS_MAX);
	for (size_t i = 0; i < endpoint.n_labels; i++)
		assert_string_equal(endpoint.labels[i].value, "v");
	assert_string_equal(endpoint.service, "EC2");
	assert_null(endpoint.region);
	arena_free(arena);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_labels_have_a_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
