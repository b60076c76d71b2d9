/*
 * Signature Version 4 against what others computed: the four requests with
 * botocore and with the openssl command, the two of AWS's own test suite.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/sigv4.h"

struct vector {
	const char *name;
	const char *host;
	const char *region;
	const char *session; /* NULL for none */
	const char *body;
	const char *canonical;
	const char *to_sign;
	const char *key; /* hexadecimal */
	const char *authorization;
};

static const struct vector vectors[] = {
	{
		.name = "GetSecretValue, static keys",
		.host = "secretsmanager.us-west-2.amazonaws.com",
		.region = "us-west-2",
		.body = "{\"SecretId\":\"prod/curlew/cachet\"}",
		.canonical = "POST\n"
			     "/\n"
			     "\n"
			     "content-type:application/x-amz-json-1.1\n"
			     "host:secretsmanager.us-west-2.amazonaws.com\n"
			     "x-amz-date:20240301T120000Z\n"
			     "x-amz-target:secretsmanager.GetSecretValue\n"
			     "\n"
			     "content-type;host;x-amz-date;x-amz-target\n"
			     "5cc84b1d382bed7b21398491c123e585474119fc1526"
			     "7ac78abd2529b67b5bee",
		.to_sign = "AWS4-HMAC-SHA256\n"
			   "20240301T120000Z\n"
			   "20240301/us-west-2/secretsmanager/aws4_reque"
			   "st\n"
			   "e08d23dddecec63c28d1512602492ab34c802d5ce4e5"
			   "aeab4ad96188721a9de5",
		.key = "5716ce4c09d1f18daf63bdcfaf6ec902bf9f61a20f20"
		       "aabebf403efa719419b6",
		.authorization = "AWS4-HMAC-SHA256 Credential=AKIDCURLEWTEST00"
				 "0001/20240301/us-west-2/secretsmanager/aws4_"
				 "request, SignedHeaders=content-type;host;x-a"
				 "mz-date;x-amz-target, Signature=ce32996e6380"
				 "606317349fb46ddb506db132f2e5537869791b49876d"
				 "7ab9ebd7",
	},
	{
		.name = "GetSecretValue, session token",
		.host = "secretsmanager.us-west-2.amazonaws.com",
		.region = "us-west-2",
		.session = "FwoGZXIvYXdzEXAMPLETOKEN//////////wEaDCURLEW"
			   "TEST==",
		.body = "{\"SecretId\":\"prod/curlew/cachet\"}",
		.canonical = "POST\n"
			     "/\n"
			     "\n"
			     "content-type:application/x-amz-json-1.1\n"
			     "host:secretsmanager.us-west-2.amazonaws.com\n"
			     "x-amz-date:20240301T120000Z\n"
			     "x-amz-security-token:FwoGZXIvYXdzEXAMPLETOKE"
			     "N//////////wEaDCURLEWTEST==\n"
			     "x-amz-target:secretsmanager.GetSecretValue\n"
			     "\n"
			     "content-type;host;x-amz-date;x-amz-security-"
			     "token;x-amz-target\n"
			     "5cc84b1d382bed7b21398491c123e585474119fc1526"
			     "7ac78abd2529b67b5bee",
		.to_sign = "AWS4-HMAC-SHA256\n"
			   "20240301T120000Z\n"
			   "20240301/us-west-2/secretsmanager/aws4_reque"
			   "st\n"
			   "8e26027796c53a10d28fd97fd448d9171e35acf9db48"
			   "942e273fde92ebc0d729",
		.key = "5716ce4c09d1f18daf63bdcfaf6ec902bf9f61a20f20"
		       "aabebf403efa719419b6",
		.authorization = "AWS4-HMAC-SHA256 Credential=AKIDCURLEWTEST00"
				 "0001/20240301/us-west-2/secretsmanager/aws4_"
				 "request, SignedHeaders=content-type;host;x-a"
				 "mz-date;x-amz-security-token;x-amz-target, S"
				 "ignature=9b83765b309497ac6166b3291ebfed3ef6f"
				 "f869a6d2555e733af858b56bfb7ef",
	},
	{
		.name = "GetSecretValue, full ARN and version stage",
		.host = "secretsmanager.eu-central-1.amazonaws.com",
		.region = "eu-central-1",
		.body = "{\"SecretId\":\"arn:aws:secretsmanager:eu-centr"
			"al-1:111122223333:secret:prod/curlew/cachet-"
			"AbCdEf\",\"VersionStage\":\"AWSCURRENT\"}",
		.canonical = "POST\n"
			     "/\n"
			     "\n"
			     "content-type:application/x-amz-json-1.1\n"
			     "host:secretsmanager.eu-central-1.amazonaws.c"
			     "om\n"
			     "x-amz-date:20240301T120000Z\n"
			     "x-amz-target:secretsmanager.GetSecretValue\n"
			     "\n"
			     "content-type;host;x-amz-date;x-amz-target\n"
			     "9395b7940b0d2fbdc776acc5dd3f4170717bd09fc28d"
			     "cf82276d170315116881",
		.to_sign = "AWS4-HMAC-SHA256\n"
			   "20240301T120000Z\n"
			   "20240301/eu-central-1/secretsmanager/aws4_re"
			   "quest\n"
			   "d62a50b57eacc16813aaa28316e8b689854a616541bc"
			   "88ac850a24a69d6e746c",
		.key = "35260ae5f7577a20461260aaf63cf62628c39ef0fb31"
		       "0af9aa4cb37d4515de0e",
		.authorization = "AWS4-HMAC-SHA256 Credential=AKIDCURLEWTEST00"
				 "0001/20240301/eu-central-1/secretsmanager/aw"
				 "s4_request, SignedHeaders=content-type;host;"
				 "x-amz-date;x-amz-target, Signature=0a532fe11"
				 "c8d9942cab38f322a3ee3c830c7c634a9ef613c0c3ea"
				 "3d27d00edca",
	},
	{
		.name = "GetSecretValue against a local endpoint over"
			"ride (host carries the port)",
		.host = "127.0.0.1:4566",
		.region = "us-east-1",
		.body = "{\"SecretId\":\"prod/curlew/cachet\"}",
		.canonical = "POST\n"
			     "/\n"
			     "\n"
			     "content-type:application/x-amz-json-1.1\n"
			     "host:127.0.0.1:4566\n"
			     "x-amz-date:20240301T120000Z\n"
			     "x-amz-target:secretsmanager.GetSecretValue\n"
			     "\n"
			     "content-type;host;x-amz-date;x-amz-target\n"
			     "5cc84b1d382bed7b21398491c123e585474119fc1526"
			     "7ac78abd2529b67b5bee",
		.to_sign = "AWS4-HMAC-SHA256\n"
			   "20240301T120000Z\n"
			   "20240301/us-east-1/secretsmanager/aws4_reque"
			   "st\n"
			   "b47b9d35451224bc7185a5ac5ea7ec2713b96e3aa776"
			   "346794431f83b47f82b8",
		.key = "4da12e30847b0b87ce3da81cbd4fce66fc3c89d7d2f7"
		       "82b232bac97fbec0bbd4",
		.authorization = "AWS4-HMAC-SHA256 Credential=AKIDCURLEWTEST00"
				 "0001/20240301/us-east-1/secretsmanager/aws4_"
				 "request, SignedHeaders=content-type;host;x-a"
				 "mz-date;x-amz-target, Signature=1ed8f31486c6"
				 "21224a0a4bb926362aecd529b734de71309cb911d7e6"
				 "17236013",
	},
};

static void
fill(const struct vector *vector, struct sigv4_header headers[static 5],
	struct sigv4_request *request, struct sigv4_signer *signer)
{
	/* In no order, in any case, with blanks to be dropped. */
	headers[0] = (struct sigv4_header){ "X-Amz-Target",
		"  secretsmanager.GetSecretValue\t" };
	headers[1] = (struct sigv4_header){ "Host", vector->host };
	headers[2] = (struct sigv4_header){ "Content-Type",
		"application/x-amz-json-1.1" };
	headers[3] = (struct sigv4_header){ "x-amz-DATE", "20240301T120000Z" };
	headers[4] = (struct sigv4_header){ "X-Amz-Security-Token",
		vector->session };
	*request = (struct sigv4_request){
		.method = "POST",
		.path = "/",
		.headers = headers,
		.n_headers = vector->session ? 5 : 4,
		.body = vector->body,
		.body_len = strlen(vector->body),
	};
	*signer = (struct sigv4_signer){
		.key_id = "AKIDCURLEWTEST000001",
		.secret = "curlew/test+secret/KEY0000000000000000001",
		.region = vector->region,
		.service = "secretsmanager",
		.time = "20240301T120000Z",
	};
}

static void
check_key(const struct sigv4_signer *signer, const char *expected)
{
	unsigned char key[HMAC_SIZE];
	char hex[HMAC_TEXT_SIZE];
	sigv4_key(signer, key);
	for (size_t i = 0; i < sizeof(key); i++)
		snprintf(hex + i * 2, 3, "%02x", key[i]);
	assert_string_equal(hex, expected);
}

static void
test_vectors(void **unused)
{
	(void)unused;
	struct buf text;
	buf_init(&text, 65536);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct sigv4_header headers[5];
		struct sigv4_request request;
		struct sigv4_signer signer;
		fill(&vectors[i], headers, &request, &signer);
		print_message("%s\n", vectors[i].name);

		sigv4_canonical(&request, &text);
		assert_string_equal(text.data, vectors[i].canonical);
		buf_clear(&text);
		sigv4_string_to_sign(&request, &signer, &text);
		assert_string_equal(text.data, vectors[i].to_sign);
		buf_clear(&text);
		check_key(&signer, vectors[i].key);
		sigv4_authorization(&request, &signer, &text);
		assert_string_equal(text.data, vectors[i].authorization);
		buf_clear(&text);
	}
	buf_finish(&text);
}

/* The test suite that AWS published. */
static void
check_published(const struct sigv4_request *request, const char *canonical,
	const char *signature)
{
	const struct sigv4_signer signer = {
		.key_id = "AKIDEXAMPLE",
		.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
		.region = "us-east-1",
		.service = "service",
		.time = "20150830T123600Z",
	};
	struct buf text;
	buf_init(&text, 4096);
	sigv4_canonical(request, &text);
	assert_string_equal(text.data, canonical);
	buf_clear(&text);
	sigv4_authorization(request, &signer, &text);
	const char *end = strstr(text.data, "Signature=");
	assert_non_null(end);
	assert_string_equal(end + strlen("Signature="), signature);
	buf_finish(&text);
}

#define SUITE_DATE \
	{ \
		"X-Amz-Date", "20150830T123600Z" \
	}
#define SUITE_HOST \
	{ \
		"Host", "example.amazonaws.com" \
	}

static void
test_published_get(void **unused)
{
	(void)unused;
	const struct sigv4_header headers[] = { SUITE_DATE, SUITE_HOST };
	const struct sigv4_request request = {
		.method = "GET",
		.path = "/",
		.headers = headers,
		.n_headers = 2,
	};
	check_published(&request,
		"GET\n"
		"/\n"
		"\n"
		"host:example.amazonaws.com\n"
		"x-amz-date:20150830T123600Z\n"
		"\n"
		"host;x-amz-date\n"
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b"
		"934ca495991b7852b855",
		"5fa00fa31553b73ebf1942676e86291e8372ff2a2260"
		"956d9b8aae1d763fbf31");
}

static void
test_published_post(void **unused)
{
	(void)unused;
	const struct sigv4_header headers[] = { SUITE_DATE, SUITE_HOST,
		{ "Content-Type", "application/x-www-form-urlencoded" } };
	const struct sigv4_request request = {
		.method = "POST",
		.path = "/",
		.headers = headers,
		.n_headers = 3,
		.body = "Param1=value1",
		.body_len = strlen("Param1=value1"),
	};
	check_published(&request,
		"POST\n"
		"/\n"
		"\n"
		"content-type:application/x-www-form-urlencod"
		"ed\n"
		"host:example.amazonaws.com\n"
		"x-amz-date:20150830T123600Z\n"
		"\n"
		"content-type;host;x-amz-date\n"
		"9095672bbd1f56dfc5b65f3e153adc8731a4a6541923"
		"29106275f4c7b24d0b6e",
		"ff11897932ad3f4e8b18135d722051e5ac45fc38421b"
		"1da7b9d196a0fe09473a");
}

static void
check_value(const char *value, const char *line)
{
	const struct sigv4_header header = { "A", value };
	const struct sigv4_request request = {
		.method = "GET",
		.path = "/",
		.headers = &header,
		.n_headers = 1,
	};
	struct buf text;
	buf_init(&text, 4096);
	sigv4_canonical(&request, &text);
	assert_non_null(strstr(text.data, line));
	buf_finish(&text);
}

static void
test_blanks_in_values(void **unused)
{
	(void)unused;
	check_value("a b", "\na:a b\n");
	check_value("  a \t  b  c ", "\na:a b c\n");
	check_value("\"a  b\"", "\na:\"a b\"\n");
	check_value("", "\na:\n");
	check_value("   ", "\na:\n");
}

static void
test_time(void **unused)
{
	(void)unused;
	char text[SIGV4_TIME_SIZE];
	sigv4_time(INT64_C(1709294400999), text);
	assert_string_equal(text, "20240301T120000Z");
	sigv4_time(0, text);
	assert_string_equal(text, "19700101T000000Z");
	sigv4_time(INT64_MAX, text);
	assert_string_equal(text, "19700101T000000Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_published_get),
		cmocka_unit_test(test_published_post),
		cmocka_unit_test(test_blanks_in_values),
		cmocka_unit_test(test_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
