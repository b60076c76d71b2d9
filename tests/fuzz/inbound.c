/* What other monitors send; the first byte chooses what reads the rest. */
#include <assert.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/inbound/auth.h"
#include "agent/inbound/parts.h"
#include "agent/inbound/sns_sign.h"
#include "agent/web/forwarded.h"
#include "tests/fuzz/fuzz.h"

static const char *const topics[] = {
	"arn:aws:sns:us-east-1:111122223333:curlew-alerts",
};

static void
check_answer(const struct inbound_answer *answer)
{
	assert(answer->need != INBOUND_NEED_CERTIFICATE
		|| inbound_sns_url(answer->url, true));
	assert(answer->need != INBOUND_NEED_CONFIRM); /* nothing is signed */
	if (answer->need != INBOUND_NEED_NOTHING)
		return;
	assert(answer->status == 200 || answer->n_problems == 0);
	for (size_t i = 0; i < answer->n_problems; i++) {
		const struct problem *problem = &answer->problems[i];
		assert(*problem->subject && *problem->identity);
		assert(*problem->title);
		assert(strlen(problem->subject) <= INBOUND_SUBJECT_MAX);
		assert(strlen(problem->identity) <= INBOUND_IDENTITY_MAX);
		assert(strlen(problem->delivery) <= INBOUND_IDENTITY_MAX);
		assert(strlen(problem->title) <= INBOUND_TITLE_MAX);
		assert(strlen(problem->text) <= INBOUND_TEXT_MAX);
		assert(problem->n_labels <= INBOUND_LABELS_MAX);
		assert(status_is_bad(problem->status));
		assert(problem->at_ms >= 0 && problem->started_ms >= 0);
	}
}

static void
read_body(int type, bool raw, const char *body, size_t len)
{
	const struct inbound_header headers[] = {
		{ "x-amz-sns-rawdelivery", "true" },
		{ "x-amz-sns-topic-arn", topics[0] },
	};
	const struct conf_inbound source = {
		.name = "source",
		.type = type,
		.topics = { topics, 1 },
		.confirm = true,
		.raw = raw,
	};
	bool is_query = len > 0 && body[0] == '\0';
	char *query =
		mem_dup_n(is_query ? body + 1 : "", is_query ? len - 1 : 0);
	struct inbound_request request = {
		.method = is_query ? "GET" : "POST",
		.query = query,
		.headers = headers,
		.n_headers = raw ? 2 : 0,
		.body = body,
		.body_len = is_query ? 0 : len,
		.source = &source,
		.now_ms = INT64_C(1709294400000),
	};
	struct inbound_answer answer = { .arena = arena_new() };
	inbound_read(&request, &answer);
	check_answer(&answer);
	arena_free(answer.arena);
	free(query);
}

static void
read_credentials(bool in_query, const char *given)
{
	const struct conf_inbound source = {
		.user = "user", .password = "pass:word", .token = "to+ken"
	};
	const struct inbound_header header = { "Authorization", given };
	const struct inbound_request request = {
		.query = in_query ? given : "",
		.headers = &header,
		.n_headers = in_query ? 0 : 1,
		.source = &source,
	};
	inbound_authorize(&request);
}

/* Whatever a client says, what the proxy put behind it is who it is. */
static void
read_forwarded(bool is_standard, const char *given)
{
	static const char client[] = "198.51.100.7";
	static const char proxy[] = "10.1.2.3";
	struct net net;
	struct err err;
	struct net_address peer, expected;
	struct buf text;
	bool good = net_parse("10.0.0.0/8", &net, &err)
		&& net_address_parse(proxy, strlen(proxy), &peer)
		&& net_address_parse(client, strlen(client), &expected);
	assert(good);
	buf_init(&text, 1 << 20);
	buf_printf(&text, "%s, %s%s", given, is_standard ? "for=" : "", client);
	struct web_forwarded said = { &net, 1, is_standard ? "" : text.data,
		is_standard ? text.data : "" };
	struct net_address found = web_forwarded_client(&said, &peer);
	good = memcmp(&found, &expected, sizeof(found)) == 0;
	assert(good
		|| (is_standard && memcmp(&found, &peer, sizeof(found)) == 0));
	said.x_forwarded_for = said.forwarded = given;
	web_forwarded_client(&said, &peer);
	good = net_parse(given, &net, &err);
	assert(!good || net.bits <= 128);
	buf_finish(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	int what = (data[0] - 'A') & 15;
	size_t len = size - 2;
	char *exact = mem_alloc(len > 0 ? len : 1);
	memcpy(exact, data + 2, len);
	char *text = mem_dup_n(exact, len);
	if (what < CONF_INBOUND_TYPE_COUNT)
		read_body(what, data[1] == 'r', exact, len);
	else if (what == CONF_INBOUND_TYPE_COUNT)
		read_credentials(false, text);
	else if (what == CONF_INBOUND_TYPE_COUNT + 1)
		read_credentials(true, text);
	else if (what == CONF_INBOUND_TYPE_COUNT + 2)
		inbound_sns_url(text, data[1] == 'r');
	else if (what == CONF_INBOUND_TYPE_COUNT + 3)
		read_forwarded(data[1] == 'r', text);
	else
		assert(inbound_time(text) >= 0);
	free(text);
	free(exact);
	return 0;
}
