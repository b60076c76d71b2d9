/*
 * Secrets of AWS Secrets Manager: what is asked, and what each answer means.
 * The signatures are those that botocore makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/rng.h"
#include "tests/support/credentials_kit.h"

#define SESSION "FwoGZXIvYXdzEXAMPLETOKEN//////////wEaDCURLEWTEST=="

/* What is asked. */

static const struct kit_story requests[] = {
	{
		.about = "keys of the environment",
		.env = { KIT_KEYS },
		.providers = { KIT_SECRET },
		.talk = { { KIT_AWS
			"X-Amz-Target: secretsmanager.GetSecretValue\n"
			"Content-Type: application/x-amz-json-1.1\n"
			"X-Amz-Date: 20240301T120000Z\n"
			"Authorization: AWS4-HMAC-SHA256 "
			"Credential=AKIDCURLEWTEST000001/20240301/"
			"us-west-2/secretsmanager/aws4_request, "
			"SignedHeaders=content-type;host;x-amz-date;"
			"x-amz-target, "
			"Signature=ce32996e6380606317349fb46ddb506db13"
			"2f2e5537869791b49876d7ab9ebd7\n"
			"\n{\"SecretId\":\"prod/curlew/cachet\"}",
			.status = 200, .body = KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "and a session",
		.env = { KIT_KEYS, "AWS_SESSION_TOKEN=" SESSION },
		.providers = { KIT_SECRET },
		.talk = { { KIT_AWS,
			.with = "Signature=9b83765b309497ac6166b3291ebfed3ef6f"
				"f869a6d2555e733af858b56bfb7ef\n"
				"X-Amz-Security-Token: " SESSION "\n\n",
			.status = 200, .body = KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "an endpoint of one's own, whose port is signed",
		.env = { KIT_KEYS, "AWS_ENDPOINT_URL=http://127.0.0.1:4566" },
		.providers = { { TOKEN_AWS, NULL, "prod/curlew/cachet", "token",
			"us-east-1" } },
		.talk = { { "POST http://127.0.0.1:4566/\n",
			.with = "Signature=1ed8f31486c621224a0a4bb926362aecd52"
				"9b734de71309cb911d7e617236013\n",
			.status = 200, .body = KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "an endpoint for this service goes before others",
		.env = { KIT_KEYS, "AWS_ENDPOINT_URL=http://127.0.0.1:4566",
			"AWS_ENDPOINT_URL_SECRETS_MANAGER=https://me@[::1]/x" },
		.providers = { KIT_SECRET },
		.talk = { { "POST https://[::1]/x\n", NULL, 200, NULL,
			KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "endpoints of one's own are switched off",
		.env = { KIT_KEYS, "AWS_ENDPOINT_URL=http://127.0.0.1:4566",
			"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=TRUE" },
		.providers = { KIT_SECRET },
		.talk = { { KIT_AWS, NULL, 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "an endpoint that is none",
		.env = { KIT_KEYS, "AWS_ENDPOINT_URL=ftp://me:pass@h" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS_ENDPOINT_URL: the scheme ftp is not supported; "
			"http and https are",
	},
	{
		.about = "an endpoint with a query",
		.env = { KIT_KEYS, "AWS_ENDPOINT_URL=http://h/?a=b" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS_ENDPOINT_URL: the address has no query",
	},
	{
		.about = "China, and a name that JSON has to quote",
		.env = { KIT_KEYS },
		.providers = { { TOKEN_AWS, NULL, "a\"b\xc3\xa9", "token",
			"cn-north-1" } },
		.talk = { { "POST https://secretsmanager.cn-north-1."
			    "amazonaws.com.cn/\n",
			"\n{\"SecretId\":\"a\\\"b\xc3\xa9\"}", 200, NULL,
			KIT_GOOD } },
		.ends = KIT_FOUND,
	},
};

static void
test_requests(void **unused)
{
	(void)unused;
	KIT_PLAY(requests);
}

/* What is answered. */

static const struct answer {
	const char *about;
	int status;
	const char *headers;
	const char *body;
	const char *ends; /* after KIT_NOT_FOUND; or the whole of a token */
} answers[] = {
	{ "a token with line breaks around it", 200, NULL,
		"{\"SecretString\": \"{\\\"token\\\": \\\" "
		"tok\\\\r\\\\n\\\"}\"}",
		"token tok" },
	{ "an empty token", 200, NULL,
		"{\"SecretString\": \"{\\\"token\\\":\\\"\\\"}\"}",
		"failed: the secret's token is empty" },
	{ "a null", 200, NULL, "{\"SecretString\": \"{\\\"token\\\":null}\"}",
		"failed: the secret's token is empty" },
	{ "a number", 200, NULL, "{\"SecretString\": \"{\\\"token\\\":5}\"}",
		"failed: the secret's token is not a text without blanks and "
		"strange characters" },
	{ "two words", 200, NULL,
		"{\"SecretString\": \"{\\\"token\\\":\\\"canary x\\\"}\"}",
		"failed: the secret's token is not a text without blanks and "
		"strange characters" },
	{ "another key", 200, NULL,
		"{\"SecretString\": \"{\\\"t\\\":\\\"canary\\\"}\"}",
		"failed: Invalid secret_key parameter: token" },
	{ "not JSON", 200, NULL, "{\"SecretString\": \"canary\"}",
		"failed: the secret prod/curlew/cachet is not a map in JSON, "
		"such as {\"token\": \"...\"}" },
	{ "not a map", 200, NULL, "{\"SecretString\": \"[\\\"canary\\\"]\"}",
		"failed: the secret prod/curlew/cachet is not a map in JSON, "
		"such as {\"token\": \"...\"}" },
	{ "bytes", 200, NULL, "{\"SecretBinary\": \"Y2FuYXJ5\"}",
		"failed: Invalid secret format. It should be a SecretString, "
		"instead of binary." },
	{ "no secret at all", 200, NULL, "{}",
		"failed: AWS Secrets Manager answered with no secret" },
	{ "a page", 200, NULL, "<html>canary",
		"failed: AWS Secrets Manager answered with no secret" },
	{ "no such secret", 400, NULL,
		"{\"__type\":\"ResourceNotFoundException\",\"Message\":"
		"\"Secrets Manager can't find the specified secret.\"}",
		"failed: The requested secret prod/curlew/cachet was not "
		"found" },
	{ "the same in a header", 400,
		"x-amzn-ErrorType: ResourceNotFoundException:http://h/\r\n", "",
		"failed: The requested secret prod/curlew/cachet was not "
		"found" },
	{ "marked for deletion", 400, NULL,
		"{\"__type\":\"com.amazonaws.secretsmanager#"
		"InvalidRequestException\",\"Message\":\"You can't perform "
		"this operation\\non it.\"}",
		"failed: The request was invalid: You can't perform this "
		"operation on it." },
	{ "wrong parameters", 400, NULL,
		"{\"__type\":\"InvalidParameterException\"}",
		"failed: The request had invalid params" },
	{ "not decrypted", 400, NULL,
		"{\"__type\":\"DecryptionFailure\",\"message\":\"KMS\"}",
		"failed: AWS cannot decrypt the secret: KMS" },
	{ "no access", 400, NULL,
		"{\"__type\":\"AccessDeniedException\",\"Message\":\"User: "
		"arn:aws:iam::1:user/x is not authorized\"}",
		"failed: AWS denies access to the secret: User: "
		"arn:aws:iam::1:user/x is not authorized" },
	{ "words that would give a key away", 400, NULL,
		"{\"__type\":\"AccessDeniedException\",\"Message\":\"not with "
		"curlew/test+secret/KEY0000000000000000001\"}",
		"failed: AWS denies access to the secret" },
	{ "a type that would give a key away", 400, NULL,
		"{\"__type\":\"curlew/test+secret/KEY0000000000000000001\"}",
		"failed: AWS Secrets Manager answered 400" },
	{ "the same in a header", 400,
		"x-amzn-ErrorType: "
		"x-curlew/test+secret/KEY0000000000000000001:h\r\n",
		NULL, "failed: AWS Secrets Manager answered 400" },
	{ "a wrong key, with words that repeat what was signed", 400, NULL,
		"{\"__type\":\"InvalidSignatureException\",\"message\":\"The "
		"Canonical String should have been canary\"}",
		"failed: AWS does not take the signature: the secret key "
		"is "
		"wrong, or this machine's clock" },
	{ "keys of nobody", 400, NULL,
		"{\"__type\":\"UnrecognizedClientException\",\"message\":\"The "
		"security token included in the request is invalid.\"}",
		"failed: AWS does not know the keys" },
	{ "an expired session", 400, NULL,
		"{\"__type\":\"ExpiredTokenException\"}",
		"failed: AWS says that the keys have expired" },
	{ "too often", 400, NULL, "{\"__type\":\"ThrottlingException\"}",
		"passing: AWS is asked too often" },
	{ "trouble", 500, NULL, "{\"__type\":\"InternalServiceError\"}",
		"passing: AWS has trouble of its own" },
	{ "a gateway", 503, NULL, "<html>",
		"passing: AWS Secrets Manager answered 503" },
	{ "nobody", 0, NULL, NULL,
		"passing: AWS Secrets Manager did not answer: nobody is "
		"there" },
	{ "something new", 400, NULL, "{\"__type\":\"Some\\u0007Thing\"}",
		"failed: AWS Secrets Manager answered 400 Some?Thing" },
	{ "a redirect", 301, "Location: http://h/\r\n", NULL,
		"failed: AWS Secrets Manager answered 301" },
};

static void
test_answers(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct answer *answer = &answers[i];
		const char *said = strstr(answer->ends, ": ");
		const char *ends = answer->ends;
		if (said)
			ends = arena_printf(arena, "%.*s: " KIT_NOT_FOUND "%s",
				(int)(said - ends), ends, said + 2);
		const struct kit_story story = {
			.about = answer->about,
			.env = { KIT_KEYS },
			.providers = { KIT_SECRET },
			.talk = { { KIT_AWS, NULL, answer->status,
				answer->headers, answer->body } },
			.ends = ends,
		};
		kit_play(&story, NULL);
	}
	arena_free(arena);
}

/* Whatever is answered, a search ends soon and gives no secret away. */

enum {
	SEEDS = 3000,
	REQUESTS_MAX = 8, /* of two secrets, kept keys and three tries */
};

static struct kit_exchange
some_answer(struct rng *rng)
{
	static const int statuses[] = { 200, 200, 200, 200, 0, 301, 400, 403,
		404, 429, 500 };
	static const char good[] = KIT_GOOD;
	static const char lent[] =
		"{\"AccessKeyId\":\"canary\",\"SecretAccessKey\":\"canary\","
		"\"Expiration\":\"2024-03-01T12:00:01Z\"}";
	static const char *const bodies[] = { NULL, "canary", "{}", "[]",
		"null", "{\"__type\":\"ExpiredTokenException\"}", good,
		"{\"__type\":5,\"Message\":[]}", "{\"SecretString\":5}",
		"{\"SecretString\":\"{\\\"token\\\":[]}\"}", "\xff\xfe", lent,
		"{\"Code\":\"\\u0001\",\"AccessKeyId\":\"canary\"}",
		"{\"AccessKeyId\":\"canary x\",\"SecretAccessKey\":\"\"}" };
	return (struct kit_exchange){
		.status = statuses[rng_below(rng, 11)],
		.headers = rng_below(rng, 4) == 0
			? "x-amzn-ErrorType: ThrottlingException\r\n"
			: NULL,
		.body = bodies[rng_below(rng, 14)],
	};
}

static void
search_in_noise(const struct kit_story *story, struct rng *rng)
{
	struct arena *arena = arena_new();
	struct credentials_world world = kit_world(story);
	const struct token_source source = { story->providers, 2 };
	struct credentials_keys keys = { 0 };
	if (rng_below(rng, 2) == 0) {
		credentials_keys_set(&keys, "canary", "canary", "canary");
		keys.expires_ms = KIT_NOW_MS + 3600 * INT64_C(1000);
	}
	struct credentials_search search;
	credentials_search_init(&search, &source, &world, &keys, arena);
	struct credentials_step step = { 0 };
	credentials_search_step(&search, NULL, KIT_NOW_MS, &step);
	for (unsigned n = 0; step.kind == CREDENTIALS_SEND; n++) {
		assert_true(n < 2 * REQUESTS_MAX);
		const struct kit_exchange exchange = some_answer(rng);
		struct http_response response = kit_response(&exchange, arena);
		credentials_search_step(&search, &response, KIT_NOW_MS, &step);
	}
	if (step.kind == CREDENTIALS_FAILED)
		assert_null(strstr(step.reason.text, "canary"));
	else
		assert_string_equal(step.token, "cachet-token-0001");
	credentials_keys_finish(&keys);
	arena_free(arena);
}

static void
test_noise(void **unused)
{
	(void)unused;
	const struct kit_story places[] = {
		{ .env = { KIT_KEYS },
			.providers = { KIT_SECRET, KIT_SECRET } },
		{ .providers = { KIT_SECRET, KIT_SECRET } },
		{ .env = { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/canary" },
			.providers = { KIT_SECRET, KIT_SECRET } },
	};
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct rng rng;
		rng_seed(&rng, seed);
		search_in_noise(&places[seed % 3], &rng);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
