#include "tests/support/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/str.h"

void
fetch_kit_open(struct fetch_kit *kit)
{
	struct err err;
	kit->loop = ev_loop_new(EVFLAG_AUTO);
	kit->resolver = resolver_new(kit->loop, &err);
	assert_non_null(kit->resolver);
	kit->client = http_client_new(kit->loop, kit->resolver);
}

void
fetch_kit_close(struct fetch_kit *kit)
{
	http_client_free(kit->client);
	resolver_free(kit->resolver);
	/* With a watcher left over this would not return. */
	ev_run(kit->loop, 0);
	assert_int_equal(ev_pending_count(kit->loop), 0);
	ev_loop_destroy(kit->loop);
	*kit = (struct fetch_kit){ 0 };
}

const char *
fetch_url(const char *scheme, const char *host, unsigned port, const char *path)
{
	static char texts[8][300];
	static unsigned next;
	char *text = texts[next++ % 8];
	snprintf(text, sizeof(texts[0]), "%s://%s:%u%s", scheme, host, port,
		path);
	return text;
}

struct http_request
fetch_request(const char *url)
{
	return (struct http_request){
		.url = url,
		.connect_ms = 30000,
		.headers_ms = 30000,
		.total_ms = 60000,
		.idle_ms = 30000,
		.body_max = 4096,
		.fresh = true,
	};
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct fetch *fetch = cookie;
	fetch->call = NULL;
	fetch->answers++;
	fetch->response = *response;
	str_copy(fetch->detail, sizeof(fetch->detail), response->detail);
	str_copy(fetch->headers, sizeof(fetch->headers), response->headers);
	str_copy(fetch->body, sizeof(fetch->body), response->body);
	fetch->response.detail = fetch->detail;
	fetch->response.headers = fetch->headers;
	fetch->response.body = fetch->body;
}

void
fetch_start(struct fetch_kit *kit, struct fetch *fetch,
	const struct http_request *request)
{
	*fetch = (struct fetch){ 0 };
	fetch->call = http_send(kit->client, request, on_answer, fetch);
	assert_int_equal(fetch->answers, 0); /* never from inside */
}

void
fetch_wait(struct fetch_kit *kit, struct fetch *fetch)
{
	while (fetch->answers == 0)
		ev_run(kit->loop, EVRUN_ONCE);
	assert_int_equal(fetch->answers, 1);
}

void
fetch_expect(struct fetch_kit *kit, struct fetch *fetch,
	const struct http_request *request, enum http_fail fail, int status)
{
	fetch_start(kit, fetch, request);
	fetch_wait(kit, fetch);
	const struct http_response *response = &fetch->response;
	if (response->fail != fail || response->status != status)
		fail_msg("%s: %s and %d (%s), not %s and %d", request->url,
			http_fail_name(response->fail), response->status,
			response->detail, http_fail_name(fail), status);
	assert_int_equal(strlen(response->detail) == 0, fail == 0);
}
