/* Who tries doors is told of so often at most; and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/inbound/auth.h"
#include "agent/inbound/inbound.h"
#include "agent/inbound/quiet.h"
#include "conf/inbound.h"

static int64_t
count_told(struct inbound_quiet *quiet, const char *network, int n,
	int64_t mono_ms, int64_t *untold)
{
	int64_t told = 0;
	for (int i = 0; i < n; i++)
		told += inbound_quiet_may_tell(quiet, network, mono_ms, untold);
	return told;
}

static void
test_a_scanner_does_not_fill_the_log(void **unused)
{
	(void)unused;
	struct inbound_quiet *quiet = inbound_quiet_new();
	int64_t untold;
	assert_int_equal(count_told(quiet, "198.51.100.7", 1000, 0, &untold),
		INBOUND_QUIET_EACH);
	assert_int_equal(count_told(quiet, "198.51.100.8", 1, 0, &untold), 1);
	assert_int_equal(untold, 1000 - INBOUND_QUIET_EACH);

	/* Nor do many of them. */
	char network[] = "a";
	int64_t told = INBOUND_QUIET_EACH + 1;
	for (; *network <= 'z'; ++*network)
		told += count_told(quiet, network, 10, 0, &untold);
	assert_int_equal(told, INBOUND_QUIET_ALL);
	assert_int_equal(
		count_told(quiet, "198.51.100.7", 1, 60000, &untold), 1);
	assert_true(untold > 0);
	inbound_quiet_free(quiet);
}

static const struct conf_inbound basic = { .user = "u", .password = "p" };
static const struct conf_inbound token = { .token = "t" };
static const struct conf_inbound key = { .header = "X-Key", .key = "k" };
static const struct conf_inbound both = { .user = "u", .token = "t" };

static const struct {
	const struct conf_inbound *source;
	const char *query;
	struct inbound_header header; /* no name: none */
	const char *fault;
} rows[] = {
	{ &basic, "", { 0 },
		"it gives no user and password, which this source wants" },
	{ &basic, "", { "Authorization", "Basic dTp4" },
		"its user or password is not that of this source" },
	{ &basic, "", { "Authorization", "Bearer t" },
		"its Authorization is of a kind that this source does not "
		"take" },
	{ &token, "", { 0 }, "it gives no token, which this source wants" },
	{ &token, "auth_token=x", { 0 },
		"its token is not that of this source" },
	{ &token, "", { "Authorization", "Bearer x" },
		"its token is not that of this source" },
	{ &key, "", { 0 }, "it lacks the header with the key of this source" },
	{ &key, "", { "x-key", "x" }, "its key is not that of this source" },
	{ &both, "", { 0 }, "it gives none of the credentials of this source" },
};

static void
test_what_is_missing_or_wrong(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct inbound_request request = {
			.query = rows[i].query,
			.headers = &rows[i].header,
			.n_headers = rows[i].header.name ? 1 : 0,
			.source = rows[i].source,
		};
		assert_int_not_equal(
			inbound_authorize(&request), INBOUND_AUTH_GOOD);
		assert_string_equal(
			inbound_auth_fault(&request), rows[i].fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_scanner_does_not_fill_the_log),
		cmocka_unit_test(test_what_is_missing_or_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
