/*
 * Every file in good/ is taken, every file in bad/ is not; what is said of it
 * stands beside it, in *.expected.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/str.h"
#include "conf/conf.h"
#include "probes/http_conf.h"
#include "tests/conf/kinds.h"

enum {
	TEXT_MAX = 64 * 1024,
};

static void
try_file(const char *path, bool good)
{
	struct buf said, expected;
	char beside[256];
	buf_init(&said, TEXT_MAX);
	buf_init(&expected, TEXT_MAX);
	snprintf(beside, sizeof(beside), "%.*s.expected",
		(int)(strlen(path) - strlen(".yml")), path);
	struct err err;
	file_read(beside, &expected, &err); /* it may be missing */
	struct conf *conf =
		conf_load(path, &kinds_types, kinds_complain, &said);
	if ((conf != NULL) != good)
		fail_msg("%s is %s\n%s", path, good ? "refused" : "taken",
			said.data);
	conf_free(conf);
	if (!str_eq(said.data, expected.data))
		fail_msg("%s\n--- says\n%s--- not\n%s", path, said.data,
			expected.data);
	buf_finish(&said);
	buf_finish(&expected);
}

static void
try_folder(const char *folder, bool good)
{
	glob_t files;
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(glob("*.yml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		try_file(files.gl_pathv[i], good);
	globfree(&files);
}

static void
test_good_files_are_taken(void **unused)
{
	(void)unused;
	try_folder(CASES "/good", true);
}

static void
test_bad_files_get_their_complaints(void **unused)
{
	(void)unused;
	try_folder(CASES "/bad", false);
}

static void
test_the_example_is_without_fault(void **unused)
{
	(void)unused;
	try_file(EXAMPLE, true);
}

static struct conf *
load_good(const char *name)
{
	struct buf said;
	char path[512];
	buf_init(&said, TEXT_MAX);
	snprintf(path, sizeof(path), "%s/good/%s.yml", CASES, name);
	struct conf *conf =
		conf_load(path, &kinds_types, kinds_complain, &said);
	buf_finish(&said);
	assert_non_null(conf);
	return conf;
}

static void
test_what_a_small_file_means(void **unused)
{
	(void)unused;
	struct conf *conf = load_good("smallest");
	const struct conf_endpoint *home = conf->endpoints.items;
	assert_int_equal(conf->endpoints.count, 1);
	assert_string_equal(home->name, "home");
	assert_string_equal(home->probe.variant->name, "http");
	assert_int_equal(home->frequency_ms, 30000);
	assert_int_equal(home->allowed_fails, 0);
	assert_int_equal(home->recover_after, 1);
	assert_int_equal(home->component_id, 0);
	assert_int_equal(home->action.count, 0);
	assert_true(home->public_incidents);
	assert_true(home->report_to_all);
	assert_int_equal(home->latency_unit, CONF_UNIT_SECONDS);
	assert_string_equal(home->titles.outage, "home is unavailable");
	assert_string_equal(
		home->titles.performance, "home has degraded performance");
	assert_string_equal(home->titles.operational, "home is operational");
	assert_int_equal(conf->cachets.count, 0);
	assert_null(conf->messages);
	assert_null(conf->server);
	assert_int_equal(conf->resolver, CONF_RESOLVER_CARES);
	assert_int_equal(conf->blind_after_ms, 300000);
	conf_free(conf);
}

static void
test_what_odd_values_mean(void **unused)
{
	(void)unused;
	struct conf *conf = load_good("of_old_odd");
	const struct conf_endpoint *odd = conf->endpoints.items;
	const int *action = odd->action.items;
	assert_string_equal(odd->name, "404");
	assert_int_equal(odd->frequency_ms, 90000);
	assert_int_equal(odd->allowed_fails, 8);
	assert_int_equal(odd->component_id, 7);
	assert_false(odd->public_incidents);
	assert_int_equal(odd->action.count, 1);
	assert_int_equal(action[0], ACTION_UPDATE_STATUS);
	assert_int_equal(odd[1].action.count, 0);
	const struct conf_chosen *cachet = conf->cachets.items;
	assert_int_equal(conf->cachets.count, 1);
	assert_string_equal(cachet->variant->name, "cachet");
	conf_free(conf);
}

static void
test_what_anchors_mean(void **unused)
{
	(void)unused;
	static const int64_t frequencies[] = { 60000, 10000, 5000, 5000 };
	struct conf *conf = load_good("anchors");
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	const struct conf_chosen *reporters = conf->reporters.items;
	assert_int_equal(conf->endpoints.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(endpoints[i].frequency_ms, frequencies[i]);
	assert_true(endpoints[0].report_to_all);
	assert_false(endpoints[3].report_to_all);
	assert_string_equal(conf_reporter_name(&reporters[0]), "hook");
	assert_string_equal(conf_reporter_name(&reporters[1]), "other");
	assert_string_equal(conf->server->listen, "127.0.0.1:8080");
	assert_int_equal(conf->resolver, CONF_RESOLVER_SYSTEM);
	assert_int_equal(conf->blind_after_ms, 0);
	assert_string_equal(conf->state, "/tmp/curlew.db");

	/* The list behind the anchor is read once. */
	const struct http_conf *b = endpoints[1].probe.settings;
	const struct http_conf *c = endpoints[2].probe.settings;
	assert_int_equal(b->expectation.count, 1);
	assert_ptr_equal(b->expectation.items, c->expectation.items);
	conf_free(conf);
}

static void
test_titles_are_filled_in(void **unused)
{
	(void)unused;
	struct conf *conf = load_good("titles");
	const struct conf_endpoint *shop = conf->endpoints.items;
	assert_string_equal(shop->titles.outage,
		"{shop} at http://shop.test/info (90, False)");
	assert_string_equal(shop->titles.operational, "shop is operational");
	conf_free(conf);
}

static void
test_where_the_state_is(void **unused)
{
	(void)unused;
	setenv("STATE_DIRECTORY", "/srv/curlew:/srv/other", 1);
	struct conf *conf = load_good("smallest");
	assert_string_equal(conf->state, "/srv/curlew/curlew.db");
	conf_free(conf);
	unsetenv("STATE_DIRECTORY");
	if (access("/var/lib/curlew", W_OK) == 0)
		return;
	setenv("XDG_STATE_HOME", "/home/me/state", 1);
	conf = load_good("smallest");
	assert_string_equal(conf->state, "/home/me/state/curlew/curlew.db");
	conf_free(conf);
	unsetenv("XDG_STATE_HOME");
	conf = load_good("smallest");
	assert_string_equal(
		conf->state, "/home/me/.local/state/curlew/curlew.db");
	conf_free(conf);
}

static void
test_variables_that_nobody_reads(void **unused)
{
	(void)unused;
	struct buf said;
	buf_init(&said, TEXT_MAX);
	setenv("ENDPOINT_URL", "http://a.test", 1);
	setenv("LATENCY_UNIT", "ms", 1);
	setenv("ALLOWED_FAILS", "", 1);
	struct conf *conf = conf_load(CASES "/good/variables.yml", &kinds_types,
		kinds_complain, &said);
	assert_non_null(conf);
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	assert_int_equal(endpoints->latency_unit, CONF_UNIT_MILLISECONDS);
	assert_string_equal(said.data,
		"warning: " CASES "/good/variables.yml: the environment "
		"variable ENDPOINT_URL is set, and has no effect; an "
		"endpoint's url is \"url\" in the file, which may say "
		"${ENDPOINT_URL}\n");
	conf_free(conf);
	unsetenv("ENDPOINT_URL");
	unsetenv("LATENCY_UNIT");
	unsetenv("ALLOWED_FAILS");
	buf_finish(&said);
}

static void
is_in(const struct conf_endpoint *endpoint, size_t i, const char *cachet,
	int64_t component, int64_t metric)
{
	const struct conf_cachet_place *places = endpoint->places.items;
	assert_true(i < endpoint->places.count);
	assert_string_equal(places[i].cachet, cachet);
	assert_int_equal(places[i].component_id, component);
	assert_int_equal(places[i].metric_id, metric);
}

static void
test_several_cachets(void **unused)
{
	(void)unused;
	struct buf said;
	buf_init(&said, TEXT_MAX);
	setenv("CACHET_API_URL", "http://nowhere.test", 1);
	setenv("CACHET_TOKEN", "y", 1);
	struct conf *conf = conf_load(
		CASES "/good/cachets.yml", &kinds_types, kinds_complain, &said);
	assert_non_null(conf);
	const struct conf_endpoint *endpoints = conf->endpoints.items;
	assert_int_equal(conf->cachets.count, 3);
	assert_int_equal(endpoints[0].places.count, 1);
	is_in(&endpoints[0], 0, "inside", 1, 2);
	assert_int_equal(endpoints[1].places.count, 2);
	is_in(&endpoints[1], 0, "public", 3, 0);
	is_in(&endpoints[1], 1, "5", 3, 0);
	assert_int_equal(endpoints[2].places.count, 3);
	is_in(&endpoints[2], 0, "public", 4, 6);
	is_in(&endpoints[2], 1, "inside", 7, 0);
	is_in(&endpoints[2], 2, "5", 4, 0);
	assert_int_equal(endpoints[3].places.count, 0);
	assert_int_equal(endpoints[4].places.count, 0);
	assert_string_equal(said.data,
		"warning: " CASES "/good/cachets.yml:16:3: cachet: the "
		"environment variable CACHET_API_URL is set, and has no effect "
		"on a Cachet with a name; its api_url in the file may say "
		"${CACHET_API_URL}\n");
	conf_free(conf);
	unsetenv("CACHET_API_URL");
	unsetenv("CACHET_TOKEN");
	buf_finish(&said);
}

static void
test_a_missing_file(void **unused)
{
	(void)unused;
	struct buf said;
	buf_init(&said, TEXT_MAX);
	assert_null(
		conf_load("/no/such.yml", &kinds_types, kinds_complain, &said));
	assert_string_equal(said.data, "error: File not found: /no/such.yml\n");
	buf_finish(&said);
}

static int
prepare(void **unused)
{
	(void)unused;
	kinds_prepare();
	setenv("SECRET", "hunter2", 1);
	setenv("LEVEL", "info", 1);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_files_are_taken),
		cmocka_unit_test(test_bad_files_get_their_complaints),
		cmocka_unit_test(test_the_example_is_without_fault),
		cmocka_unit_test(test_what_a_small_file_means),
		cmocka_unit_test(test_what_odd_values_mean),
		cmocka_unit_test(test_what_anchors_mean),
		cmocka_unit_test(test_titles_are_filled_in),
		cmocka_unit_test(test_where_the_state_is),
		cmocka_unit_test(test_variables_that_nobody_reads),
		cmocka_unit_test(test_several_cachets),
		cmocka_unit_test(test_a_missing_file),
	};
	return cmocka_run_group_tests_name(
		"conf documents", tests, prepare, NULL);
}
