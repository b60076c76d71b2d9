/*
 * The token of a receiver: the order of its providers, and when they are asked
 * again.  Time and the network are the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/log.h"
#include "tests/support/credentials_kit.h"

#define VARIABLE(name) \
	{ \
		.kind = TOKEN_VARIABLE, .value = (name) \
	}
#define TEXT(text) \
	{ \
		.kind = TOKEN_TEXT, .value = (text) \
	}

/* The order of providers. */

static const struct kit_story orders[] = {
	{
		.about = "the first that has one",
		.env = { "MYTOK=E" },
		.providers = { VARIABLE("MYTOK"), TEXT("lit") },
		.n_providers = 2,
		.ends = "token E",
	},
	{
		.about = "a variable that is not set",
		.providers = { VARIABLE("MYTOK"), TEXT("lit") },
		.n_providers = 2,
		.ends = "token lit",
	},
	{
		.about = "a variable that is empty",
		.env = { "MYTOK=" },
		.providers = { VARIABLE("MYTOK"), TEXT("lit") },
		.n_providers = 2,
		.ends = "token lit",
	},
	{
		.about = "line breaks and blanks around it",
		.env = { "MYTOK= \ttok\r\n" },
		.providers = { VARIABLE("MYTOK") },
		.ends = "token tok",
	},
	{
		.about = "blanks alone",
		.env = { "MYTOK= \n" },
		.providers = { VARIABLE("MYTOK") },
		.ends = "failed: Token could not be found: "
			"ENVIRONMENT_VARIABLE: MYTOK is empty",
	},
	{
		.about = "two words, of which nothing is shown",
		.env = { "MYTOK=canary x" },
		.providers = { VARIABLE("MYTOK"), TEXT("canary\ny") },
		.n_providers = 2,
		.ends = "failed: Token could not be found: "
			"ENVIRONMENT_VARIABLE: MYTOK has a blank or a strange "
			"character in it; TOKEN: it has a blank or a strange "
			"character in it",
	},
	{
		.about = "CACHET_TOKEN counts only where it is named",
		.env = { "CACHET_TOKEN=E" },
		.providers = { TEXT("lit") },
		.ends = "token lit",
	},
	{
		.about = "all say what they lack",
		.env = { KIT_KEYS },
		.providers = { VARIABLE("MYTOK"), KIT_SECRET, TEXT("") },
		.n_providers = 3,
		.talk = { { KIT_AWS, NULL, 503, NULL, NULL } },
		.ends = "passing: Token could not be found: "
			"ENVIRONMENT_VARIABLE: MYTOK is not set; "
			"AWS_SECRETS_MANAGER: AWS Secrets Manager answered "
			"503; TOKEN: it is empty",
	},
	{
		.about = "AWS denies, and the next one has it",
		.env = { KIT_KEYS },
		.providers = { KIT_SECRET, TEXT("lit") },
		.n_providers = 2,
		.talk = { { KIT_AWS, NULL, 400, NULL,
			"{\"__type\":\"AccessDeniedException\"}" } },
		.ends = "token lit",
	},
	{
		.about = "two secrets, each asked for in its turn",
		.env = { KIT_KEYS },
		.providers = { KIT_SECRET,
			{ TOKEN_AWS, NULL, "other", "token", "eu-west-1" } },
		.n_providers = 2,
		.talk = { { KIT_AWS, "prod/curlew/cachet", 200, NULL,
				  "{\"SecretBinary\": \"\"}" },
			{ "POST https://secretsmanager.eu-west-1."
			  "amazonaws.com/\n",
				"{\"SecretId\":\"other\"}", 200, NULL,
				KIT_GOOD } },
		.ends = KIT_FOUND,
	},
};

static void
test_orders(void **unused)
{
	(void)unused;
	KIT_PLAY(orders);
}

static void
test_no_providers(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	const struct token_source none = { 0 };
	struct credentials_keys keys = { 0 };
	struct credentials_search search;
	struct credentials_step step;
	credentials_search_init(
		&search, &none, &credentials_here, &keys, arena);
	credentials_search_step(&search, NULL, KIT_NOW_MS, &step);
	assert_int_equal(step.kind, CREDENTIALS_FAILED);
	assert_string_equal(step.reason.text,
		"Token could not be found: there are no providers");
	arena_free(arena);
}

/* When they are asked. */

struct fixture {
	struct kit_story story; /* the machine */
	struct credentials_world world;
	struct token_source source;
	struct credentials *credentials;
	struct moment now;
	http_done_fn *done; /* of the request in flight; NULL: none */
	void *cookie;
	unsigned sent, cancelled, found;
};

static void *
send_request(void *cookie, const struct http_request *request,
	http_done_fn *done, void *done_cookie)
{
	struct fixture *f = cookie;
	assert_non_null(request->url);
	assert_null(f->done);
	f->done = done;
	f->cookie = done_cookie;
	f->sent++;
	return f;
}

static void
cancel_request(void *cookie, void *call)
{
	struct fixture *f = cookie;
	assert_ptr_equal(call, f);
	f->done = NULL;
	f->cancelled++;
}

static struct moment
tell_now(void *cookie)
{
	return ((struct fixture *)cookie)->now;
}

static void
on_found(void *cookie)
{
	((struct fixture *)cookie)->found++;
}

static void
set_up(struct fixture *f, const struct token_provider *providers, size_t n)
{
	*f = (struct fixture){
		.story = { .env = { KIT_KEYS } },
		.source = { providers, n },
		.now = { .mono_ms = 1000, .wall_ms = KIT_NOW_MS },
	};
	f->world = kit_world(&f->story);
	const struct credentials_settings settings = {
		.owner = "cachet/x",
		.source = &f->source,
		.world = &f->world,
		.transport = { send_request, cancel_request, f },
		.now = tell_now,
		.now_cookie = f,
		.on_found = on_found,
		.found_cookie = f,
	};
	f->credentials = credentials_new(&settings);
	assert_false(credentials_are_settled(f->credentials));
	assert_null(credentials_token(f->credentials));
}

/* When the next turn is wanted. */
static int64_t
turn_at(struct fixture *f, int64_t mono_ms)
{
	f->now.wall_ms += mono_ms - f->now.mono_ms;
	f->now.mono_ms = mono_ms;
	return credentials_turn(f->credentials, f->now);
}

static void
answer(struct fixture *f, int status, const char *body)
{
	http_done_fn *done = f->done;
	if (!done) {
		fail_msg("nothing was asked");
		return;
	}
	f->done = NULL;
	struct arena *arena = arena_new();
	const struct kit_exchange exchange = { .status = status, .body = body };
	struct http_response response = kit_response(&exchange, arena);
	done(f->cookie, &response);
	arena_free(arena);
}

#define TOKEN(token) "{\"SecretString\": \"{\\\"token\\\":\\\"" token "\\\"}\"}"

static const struct token_provider secret[] = { KIT_SECRET };

static void
test_literal(void **unused)
{
	(void)unused;
	struct fixture f;
	const struct token_provider providers[] = { TEXT("lit") };
	set_up(&f, providers, 1);
	assert_int_equal(turn_at(&f, 1000), -1);
	assert_string_equal(credentials_token(f.credentials), "lit");
	assert_string_equal(credentials_trouble(f.credentials), "");
	assert_int_equal(f.found, 1);
	/* It stands in the configuration, so there will be no other. */
	credentials_refused(f.credentials, "lit", f.now);
	assert_int_equal(turn_at(&f, 100000), -1);
	credentials_free(f.credentials);
	credentials_free(NULL);
}

static void
test_nothing_to_hope_for(void **unused)
{
	(void)unused;
	struct fixture f;
	const struct token_provider providers[] = { VARIABLE("MYTOK") };
	set_up(&f, providers, 1);
	assert_false(credentials_are_hopeless(f.credentials));
	assert_int_equal(turn_at(&f, 1000), -1);
	assert_true(credentials_are_hopeless(f.credentials));
	assert_string_equal(credentials_trouble(f.credentials),
		"Token could not be found: ENVIRONMENT_VARIABLE: MYTOK is not "
		"set");
	credentials_free(f.credentials);
}

static void
test_aws_is_away(void **unused)
{
	(void)unused;
	struct fixture f;
	set_up(&f, secret, 1);
	assert_int_equal(turn_at(&f, 1000), -1);
	static const int64_t waits_s[] = { 2, 4, 8, 16, 32, 60, 60 };
	int64_t now = 1000;
	for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		answer(&f, 503, "");
		assert_true(credentials_are_settled(f.credentials));
		assert_false(credentials_are_hopeless(f.credentials));
		int64_t due = now + waits_s[i] * 1000;
		assert_int_equal(turn_at(&f, due - 1), due);
		assert_int_equal(turn_at(&f, due), -1);
		assert_int_equal(f.sent, i + 2);
		now = due;
	}
	answer(&f, 200, TOKEN("tok"));
	assert_string_equal(credentials_token(f.credentials), "tok");
	assert_string_equal(credentials_trouble(f.credentials), "");
	assert_int_equal(f.found, 1);
	assert_int_equal(turn_at(&f, now + 1), -1);
	credentials_free(f.credentials);
}

static void
test_aws_says_no(void **unused)
{
	(void)unused;
	struct fixture f;
	set_up(&f, secret, 1);
	turn_at(&f, 1000);
	answer(&f, 400, "{\"__type\":\"ResourceNotFoundException\"}");
	assert_true(credentials_are_hopeless(f.credentials));
	/* Who goes on all the same may yet see it come. */
	assert_int_equal(turn_at(&f, 1000), 3000);
	credentials_free(f.credentials);
}

static void
test_refused(void **unused)
{
	(void)unused;
	struct fixture f;
	set_up(&f, secret, 1);
	turn_at(&f, 1000);
	answer(&f, 200, TOKEN("one"));

	/* For the first time: at once. */
	f.now.mono_ms = 10000000;
	credentials_refused(f.credentials, "one", f.now);
	credentials_refused(f.credentials, "one", f.now);
	assert_int_equal(turn_at(&f, 10000000), -1);
	assert_int_equal(f.sent, 2);

	/* The same: again each minute, since that one is no good. */
	answer(&f, 200, TOKEN("one"));
	assert_int_equal(f.found, 1);
	assert_int_equal(turn_at(&f, 10000001), 10060000);
	assert_int_equal(turn_at(&f, 10060000), -1);
	answer(&f, 503, "");
	assert_string_equal(credentials_token(f.credentials), "one");
	assert_int_equal(turn_at(&f, 10060001), 10120000);
	assert_int_equal(turn_at(&f, 10120000), -1);

	/* Another, and that was that. */
	answer(&f, 200, TOKEN("two"));
	assert_int_equal(f.found, 2);
	assert_string_equal(credentials_token(f.credentials), "two");
	assert_int_equal(turn_at(&f, 10120001), -1);

	/* A late word about the one before. */
	credentials_refused(f.credentials, "one", f.now);
	assert_int_equal(turn_at(&f, 10120001), -1);

	/* Refused within the minute: when it is over. */
	credentials_refused(f.credentials, "two", f.now);
	assert_int_equal(turn_at(&f, 10120001), 10180000);
	assert_int_equal(f.sent, 4);
	credentials_free(f.credentials);
}

static void
test_freed_in_flight(void **unused)
{
	(void)unused;
	struct fixture f;
	set_up(&f, secret, 1);
	turn_at(&f, 1000);
	credentials_free(f.credentials);
	assert_int_equal(f.cancelled, 1);
}

static int
quiet(void **unused)
{
	(void)unused;
	log_threshold(LOG_SILENT);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_no_providers),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_nothing_to_hope_for),
		cmocka_unit_test(test_aws_is_away),
		cmocka_unit_test(test_aws_says_no),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_freed_in_flight),
	};
	return cmocka_run_group_tests(tests, quiet, NULL);
}
