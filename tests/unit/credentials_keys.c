/*
 * Keys for AWS: which places are asked for them, in which order, and how long
 * those that were lent are used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/mem.h"
#include "tests/support/credentials_kit.h"

#define NO_KEYS \
	KIT_NOT_FOUND \
	"no keys for AWS: none in the environment; there is no " \
	"/home/me/.aws/credentials; no container; "
#define CONTAINER "GET http://127.0.0.1:51679/creds\n"
#define CONTAINER_URI \
	"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:51679/creds"
#define LENT(id) \
	"{\"Code\": \"Success\", \"Type\": \"AWS-HMAC\", " \
	"\"AccessKeyId\": \"" id "\", " \
	"\"SecretAccessKey\": \"imds/test+secret\", " \
	"\"Token\": \"IQoJb3JpZ2luX2VjCURLEWTEST==\", " \
	"\"Expiration\": \"2024-03-01T17:00:00Z\"}"
#define IMDS "http://169.254.169.254/latest/"
#define ROLES "meta-data/iam/security-credentials/"
#define PUT_SESSION \
	"PUT " IMDS "api/token\n" \
	"X-aws-ec2-metadata-token-ttl-seconds: 21600\n"
#define GET_ROLE "GET " IMDS ROLES "\nX-aws-ec2-metadata-token: sess\n"
#define GET_LENT "GET " IMDS ROLES "curlew\nX-aws-ec2-metadata-token: sess\n"
#define CREDENTIAL(id) \
	"Credential=" id "/20240301/us-west-2/secretsmanager/aws4_request, " \
	"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;" \
	"x-amz-target, "

/* Where keys come from. */

static const struct kit_story of_files[] = {
	{
		.about = "half of the environment",
		.env = { "AWS_ACCESS_KEY_ID=AKIDCURLEWTEST000001" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY "
			"is not",
	},
	{
		.about = "a key with a blank in it",
		.env = { "AWS_ACCESS_KEY_ID=AKID",
			"AWS_SECRET_ACCESS_KEY=canary x" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or "
			"AWS_SESSION_TOKEN has a blank or a strange character "
			"in it",
	},
	{
		.about = "the file where it usually is",
		.files = { { "/home/me/.aws/credentials",
			"# mine\r\n[other]\naws_access_key_id=X\n"
			"[ default ]\r\n"
			"aws_access_key_id = AKIDCURLEWTEST000001\r\n"
			"s3 =\n  aws_secret_access_key = nested\n"
			"AWS_Secret_Access_Key=curlew/test+secret/"
			"KEY0000000000000000001\r\n"
			"[last]\naws_session_token = x\n" } },
		.providers = { KIT_SECRET },
		.talk = { { KIT_AWS,
			"Signature=ce32996e6380606317349fb46ddb506db132f2e5537"
			"869791b49876d7ab9ebd7\n\n",
			200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "a profile of another file",
		.env = { "AWS_SHARED_CREDENTIALS_FILE=~/keys",
			"AWS_PROFILE=prod" },
		.files = { { "/home/me/keys",
			"[default]\naws_access_key_id = X\n[prod]\n"
			"aws_access_key_id = AKID2\n"
			"aws_secret_access_key = s\n"
			"aws_session_token = abc" } },
		.providers = { KIT_SECRET },
		.talk = { { KIT_AWS, CREDENTIAL("AKID2"), 200, NULL,
			KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "a profile that is not there",
		.env = { "AWS_PROFILE=prod" },
		.files = { { "/home/me/.aws/credentials", "[default]\n" } },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"no keys for AWS: there is no profile prod in "
			"/home/me/.aws/credentials",
	},
	{
		.about = "a profile, and no file at all",
		.env = { "AWS_PROFILE=prod" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND "no keys for AWS: there is no "
			"/home/me/.aws/credentials",
	},
	{
		.about = "half a profile",
		.files = { { "/home/me/.aws/credentials",
			"[default]\naws_access_key_id = X\n" } },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"no keys for AWS: the profile default in "
			"/home/me/.aws/credentials has an aws_access_key_id, "
			"but no aws_secret_access_key that fits",
	},
	{
		.about = "a file that may not be read",
		.env = { "AWS_SHARED_CREDENTIALS_FILE=/root/keys" },
		.files = { { "/root/keys", NULL } },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"no keys for AWS: cannot read /root/keys",
	},
	{
		.about = "a role where keys should be, and nothing else",
		.env = { "AWS_EC2_METADATA_DISABLED=true" },
		.files = { { "/home/me/.aws/credentials",
			"[default]\nrole_arn = arn:aws:iam::1:role/x\n" } },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND "no keys for AWS: none in "
			"the environment; the profile "
			"default in /home/me/.aws/credentials has no "
			"aws_access_key_id (a role, a process or a single "
			"sign-on in its place is not understood); no "
			"container; AWS_EC2_METADATA_DISABLED keeps from "
			"asking the instance",
	},
};

static void
test_files(void **unused)
{
	(void)unused;
	KIT_PLAY(of_files);
}

static const struct kit_story of_containers[] = {
	{
		.about = "the endpoint of a task",
		.env = { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/c/1",
			CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { "GET http://169.254.170.2/v2/c/1\n\n", NULL, 200,
				  NULL, LENT("ASIDCURLEWTEST000002") },
			{ KIT_AWS, CREDENTIAL("ASIDCURLEWTEST000002"), 200,
				NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "with a word of leave, of several words",
		.env = { CONTAINER_URI,
			"AWS_CONTAINER_AUTHORIZATION_TOKEN=Basic abc" },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER "Authorization: Basic abc\n", NULL, 200,
				  NULL, LENT("A") },
			{ KIT_AWS, CREDENTIAL("A"), 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "which a file has, rather",
		.env = { CONTAINER_URI, "AWS_CONTAINER_AUTHORIZATION_TOKEN=abc",
			"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/run/t" },
		.files = { { "/run/t", "def\n" } },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER "Authorization: def\n", NULL, 200, NULL,
				  LENT("A") },
			{ KIT_AWS, CREDENTIAL("A"), 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "a file that is not there",
		.env = { CONTAINER_URI,
			"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/run/t" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot read "
			"/run/t",
	},
	{
		.about = "a word that would be two headers",
		.env = { CONTAINER_URI,
			"AWS_CONTAINER_AUTHORIZATION_TOKEN=a\r\nX-Canary: b" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS_CONTAINER_AUTHORIZATION_TOKEN: there is a strange "
			"character in it",
	},
	{
		.about = "keys over a wire that others listen at",
		.env = { "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://h/c" },
		.providers = { KIT_SECRET },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS_CONTAINER_CREDENTIALS_FULL_URI: expected https, "
			"or an address of this machine or of a container's "
			"credentials",
	},
	{
		.about = "three tries, the last of which is good",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER, NULL, 0, NULL, NULL },
			{ CONTAINER, NULL, 500, NULL, NULL },
			{ CONTAINER, NULL, 200, NULL, LENT("A") },
			{ KIT_AWS, NULL, 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "three tries in vain",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER, NULL, 0, NULL, NULL },
			{ CONTAINER, NULL, 0, NULL, NULL },
			{ CONTAINER, NULL, 503, NULL, NULL } },
		.ends = "passing: " KIT_NOT_FOUND
			"the container's credentials endpoint answered 503",
	},
	{
		.about = "no leave",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER, NULL, 403, NULL, "canary" } },
		.ends = "failed: " KIT_NOT_FOUND
			"the container's credentials endpoint answered 403",
	},
	{
		.about = "something else than keys",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER, NULL, 200, NULL,
			"{\"SecretAccessKey\": \"canary\"}" } },
		.ends = "failed: " KIT_NOT_FOUND
			"the answer of the container's credentials endpoint: "
			"there are no keys in it",
	},
};

static void
test_containers(void **unused)
{
	(void)unused;
	KIT_PLAY(of_containers);
}

static const struct kit_story of_instances[] = {
	{
		.about = "a session, a role, its keys",
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 200, NULL, "sess" },
			{ GET_ROLE, NULL, 200, NULL, "curlew" },
			{ GET_LENT, NULL, 200, NULL, LENT("ASID") },
			{ KIT_AWS, CREDENTIAL("ASID"), 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "an older instance, without sessions",
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 404, NULL, NULL },
			{ "GET " IMDS ROLES "\n\n", NULL, 200, NULL,
				"curlew\nother\n" },
			{ "GET " IMDS ROLES "curlew\n\n", NULL, 200, NULL,
				LENT("ASID") },
			{ KIT_AWS, NULL, 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	},
	{
		.about = "which is not wanted",
		.env = { "AWS_EC2_METADATA_V1_DISABLED=true" },
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 403, NULL, NULL } },
		.ends = "failed: " KIT_NOT_FOUND
			"the instance metadata answered 403",
	},
	{
		.about = "metadata elsewhere",
		.env = { "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://h:1/x/" },
		.providers = { KIT_SECRET },
		.talk = { { "PUT http://h:1/x/latest/api/token\n", NULL, 500,
			NULL, NULL } },
		.ends = "passing: " KIT_NOT_FOUND
			"the instance metadata answered 500",
	},
	{
		.about = "metadata by IPv6",
		.env = { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6" },
		.providers = { KIT_SECRET },
		.talk = { { "PUT http://[fd00:ec2::254]/latest/api/token\n",
			NULL, 0, NULL, NULL } },
		.ends = "failed: " NO_KEYS
			"no instance metadata (nobody is there)",
	},
	{
		.about = "no instance, and a kind of keys that we do not know",
		.env = { "AWS_WEB_IDENTITY_TOKEN_FILE=/run/t" },
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 0, NULL, NULL } },
		.ends = "failed: " NO_KEYS
			"no instance metadata (nobody is there); "
			"AWS_WEB_IDENTITY_TOKEN_FILE is not understood",
	},
	{
		.about = "an instance without a role",
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 200, NULL, "sess" },
			{ GET_ROLE, NULL, 404, NULL, "<html>" } },
		.ends = "failed: " NO_KEYS "the instance has no role",
	},
	{
		.about = "a role that is a page",
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 200, NULL, "sess" },
			{ GET_ROLE, NULL, 200, NULL, "a/../b" } },
		.ends = "failed: " KIT_NOT_FOUND
			"the instance metadata answered with what is no role's "
			"name",
	},
	{
		.about = "a session that would be two headers",
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 200, NULL, "a\r\nB: c" } },
		.ends = "failed: " KIT_NOT_FOUND
			"the instance metadata answered with a session that is "
			"none",
	},
	{
		.about = "a role that may not be taken",
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 200, NULL, "sess" },
			{ GET_ROLE, NULL, 200, NULL, "curlew" },
			{ GET_LENT, NULL, 200, NULL,
				"{\"Code\": \"AssumeRoleUnauthorizedAccess\", "
				"\"Message\": \"canary\"}" } },
		.ends = "failed: " KIT_NOT_FOUND
			"the answer of the instance metadata: it says "
			"AssumeRoleUnauthorizedAccess",
	},
	{
		.about = "metadata that falls silent",
		.providers = { KIT_SECRET },
		.talk = { { PUT_SESSION, NULL, 200, NULL, "sess" },
			{ GET_ROLE, NULL, 0, NULL, NULL } },
		.ends = "passing: " KIT_NOT_FOUND
			"the instance metadata did not answer: nobody is there",
	},
};

static void
test_instances(void **unused)
{
	(void)unused;
	KIT_PLAY(of_instances);
}

/* Keys that are kept. */

static struct credentials_keys
lent_until(int64_t from_now_ms)
{
	return (struct credentials_keys){
		.id = mem_dup("OLD"),
		.secret = mem_dup("s"),
		.session = mem_dup("t"),
		.expires_ms = KIT_NOW_MS + from_now_ms,
	};
}

static void
play_with(struct credentials_keys keys, const struct kit_story *story,
	const char *left)
{
	kit_play(story, &keys);
	if (left)
		assert_string_equal(keys.id, left);
	else
		assert_null(keys.id);
	credentials_keys_finish(&keys);
}

static void
test_kept_keys(void **unused)
{
	(void)unused;
	const int64_t minute = INT64_C(60) * 1000;
	const struct kit_story old = {
		.about = "keys that last are used again",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { KIT_AWS, CREDENTIAL("OLD"), 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	};
	play_with(lent_until(11 * minute), &old, "OLD");

	const struct kit_story early = {
		.about = "they are replaced before they expire",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER, NULL, 200, NULL, LENT("NEW") },
			{ KIT_AWS, CREDENTIAL("NEW"), 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	};
	play_with(lent_until(10 * minute), &early, "NEW");

	const struct kit_story away = {
		.about = "and used to the end where no new ones are lent",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER, NULL, 403, NULL, NULL },
			{ KIT_AWS, CREDENTIAL("OLD"), 200, NULL, KIT_GOOD } },
		.ends = KIT_FOUND,
	};
	play_with(lent_until(minute), &away, "OLD");

	const struct kit_story expired = {
		.about = "but not beyond",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { CONTAINER, NULL, 403, NULL, NULL } },
		.ends = "failed: " KIT_NOT_FOUND
			"the container's credentials endpoint answered 403",
	};
	play_with(lent_until(0), &expired, "OLD");

	const struct kit_story refused = {
		.about = "kept keys that AWS refuses are replaced, once",
		.env = { CONTAINER_URI },
		.providers = { KIT_SECRET },
		.talk = { { KIT_AWS, CREDENTIAL("OLD"), 400, NULL,
				  "{\"__type\":\"ExpiredTokenException\"}" },
			{ CONTAINER, NULL, 200, NULL, LENT("NEW") },
			{ KIT_AWS, CREDENTIAL("NEW"), 400, NULL,
				"{\"__type\":\"ExpiredTokenException\"}" } },
		.ends = "failed: " KIT_NOT_FOUND
			"AWS says that the keys have expired",
	};
	play_with(lent_until(11 * minute), &refused, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_kept_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
