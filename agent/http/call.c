#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/client_internal.h"
#include "agent/http/reach.h"

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Stop all that goes on, and let the client tell what became of it. */
void
http_call_finish(struct http_call *call)
{
	struct http_response *response = &call->response;
	http_call_stop(call);
	if (call->n_tried > 0) {
		if (!call->is_mail) {
			response->sent = call->ready;
			http_easy_measure(call);
		}
		response->certificate_ends_ms = call->certificate.ends_ms;
		str_copy(response->address, sizeof(response->address),
			call->addresses[call->n_tried - 1]);
	}
	response->timing.total_us = clock_mono_us() - call->start_us;
	http_client_finished(call);
}

void
http_call_finish_badly(
	struct http_call *call, enum http_fail fail, const char *why)
{
	/* That there is no such proxy says nothing of the far side's name. */
	if (call->proxy && fail == HTTP_FAIL_NAME_NOT_FOUND)
		fail = HTTP_FAIL_UNREACHABLE;
	struct err err;
	err_set(&err, "%s", why);
	if (call->proxy)
		err_prefix(&err, "the proxy %s", call->proxy->host);
	call->response.fail = fail;
	str_copy(call->detail, sizeof(call->detail), err.text);
	http_call_finish(call);
}

static int64_t
next_deadline(const struct http_call *call)
{
	if (call->query)
		return call->connect_at_us;
	if (call->is_mail)
		return call->total_at_us;
	if (call->headers_done)
		return call->idle_us > 0 ? least(
			       call->total_at_us, call->body_us + call->idle_us)
					 : call->total_at_us;
	if (http_easy_is_connected(call))
		return least(call->headers_at_us, call->total_at_us);
	return call->attempt_at_us;
}

static void
arm(struct http_call *call, int64_t at_us)
{
	struct ev_loop *loop = call->client->loop;
	int64_t left = at_us - clock_mono_us();
	call->timer_at_us = at_us;
	ev_timer_stop(loop, &call->timer);
	ev_timer_set(&call->timer, left > 0 ? (double)left / 1e6 : 0, 0);
	ev_timer_start(loop, &call->timer);
}

void
http_call_watch(struct http_call *call)
{
	int64_t at = next_deadline(call);
	if (at < call->timer_at_us)
		arm(call, at);
}

static void
try_next(struct http_call *call)
{
	int64_t now = clock_mono_us();
	int64_t left = call->connect_at_us - now;
	int64_t share = left / (int64_t)(call->n_addresses - call->n_tried);
	const char *address = call->addresses[call->n_tried++];

	http_easy_connect_to(call, address);
	call->attempt_us = now;
	call->attempt_at_us = now + (share > 0 ? share : 0);
	call->socket_error = 0;
	call->opened = call->ready = false;
	call->n_handshakes = 0;
	http_certificate_forget(&call->certificate);
	call->secures_us = 0;
	call->error[0] = '\0';
	call->multi = http_client_multi(call->client, call->origin.host);
	if (curl_multi_add_handle(call->multi->curl, call->easy) != CURLM_OK)
		abort(); /* no memory, or it is in there already */
	arm(call, call->attempt_at_us);
}

static void
go(struct http_call *call)
{
	if (!call->is_mail) {
		try_next(call);
		return;
	}
	arm(call, call->total_at_us);
	http_mail_start(call);
}

static enum http_fail
of_resolver(enum resolver_fail fail)
{
	switch (fail) {
	case RESOLVER_FAIL_NOT_FOUND:
		return HTTP_FAIL_NAME_NOT_FOUND;
	case RESOLVER_FAIL_NO_ROUTE:
		return HTTP_FAIL_NO_ROUTE;
	case RESOLVER_FAIL_NO_DESCRIPTORS:
		return HTTP_FAIL_NO_DESCRIPTORS;
	case RESOLVER_FAIL_DEAD:
		return HTTP_FAIL_RESOLVER;
	default:
		return HTTP_FAIL_NAME_LOOKUP;
	}
}

static void
on_answer(void *cookie, const struct resolver_answer *answer)
{
	struct http_call *call = cookie;
	call->query = NULL;
	call->looked_up_us = clock_mono_us();
	call->response.timing.dns_us = call->looked_up_us - call->start_us;
	if (answer->fail != RESOLVER_FAIL_NONE) {
		http_call_finish_badly(
			call, of_resolver(answer->fail), answer->detail);
		return;
	}
	call->n_addresses = answer->n;
	memcpy(call->addresses, answer->addresses, sizeof(call->addresses));
	go(call);
}

/* Without a look-up. */
static void
try_known(struct http_call *call, const char *const *addresses,
	size_t n_addresses)
{
	for (size_t i = 0; i < n_addresses; i++) {
		if (!http_reach_parse(addresses[i], 0, NULL, NULL)
			|| !resolver_is_of_family(addresses[i], call->family)
			|| call->n_addresses == RESOLVER_ADDRESSES_MAX)
			continue;
		str_copy(call->addresses[call->n_addresses++],
			RESOLVER_ADDRESS_SIZE, addresses[i]);
	}
	if (call->n_addresses > 0)
		go(call);
	else
		http_call_finish_badly(call, HTTP_FAIL_UNREACHABLE,
			"no address is of the IP version that is wanted");
}

static void
look_up(struct http_call *call, const struct http_request *request)
{
	uint16_t port;
	const char *host = http_easy_peer(call, &port);
	call->family = call->proxy ? RESOLVER_ANY : request->family;
	if (request->addresses && !call->proxy) {
		try_known(call, request->addresses, request->n_addresses);
		return;
	}
	if (http_reach_parse(host, 0, NULL, NULL)) {
		try_known(call, &host, 1);
		return;
	}
	call->query = resolver_ask(
		call->client->resolver, host, call->family, on_answer, call);
	arm(call, call->connect_at_us);
}

static void
give_up_name(struct http_call *call)
{
	bool was_asked = resolver_give_up(call->query);
	call->query = NULL;
	call->response.timing.dns_us = clock_mono_us() - call->start_us;
	if (!was_asked)
		http_call_finish_badly(call, HTTP_FAIL_RESOLVER,
			"too many names were to be looked up before this one");
	else if (resolver_is_dead(call->client->resolver))
		http_call_finish_badly(call, HTTP_FAIL_RESOLVER,
			"the name servers answer nobody");
	else
		http_call_finish_badly(call, HTTP_FAIL_NAME_LOOKUP,
			"the look-up of the name took too long");
}

/* What one address may do, and another may not. */
static bool
may_try_another(const struct http_call *call, enum http_fail fail)
{
	return call->n_tried < call->n_addresses && fail != HTTP_FAIL_NONE
		&& fail != HTTP_FAIL_URL && fail != HTTP_FAIL_NO_DESCRIPTORS
		&& !http_easy_is_connected(call)
		&& clock_mono_us() < call->connect_at_us;
}

static void
end_attempt(struct http_call *call, enum http_fail fail, int os_error)
{
	http_fail_note(call, fail, os_error);
	bool more = may_try_another(call, fail);
	http_call_stop(call);
	if (more) {
		try_next(call);
		return;
	}
	if (fail == HTTP_FAIL_NONE) {
		call->response.fail = HTTP_FAIL_NONE;
		call->detail[0] = '\0';
	}
	http_call_finish(call);
}

void
http_call_ended(struct http_call *call, CURLcode code)
{
	long os_error = call->socket_error;
	/* It is that of an earlier transfer when this one did not fail, or
	 * of something else when it was the proxy that failed. */
	bool is_fresh =
		call->proxy ? code == CURLE_COULDNT_CONNECT : code != CURLE_OK;
	if (is_fresh && os_error == 0)
		curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &os_error);
	end_attempt(
		call, http_fail_of(call, code, (int)os_error), (int)os_error);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct http_call *call = timer->data;
	struct http_client *client = call->client;
	(void)loop;
	(void)events;

	int64_t at = next_deadline(call);
	if (clock_mono_us() < at) {
		arm(call, at);
		return;
	}
	if (call->query)
		give_up_name(call);
	else if (call->is_mail)
		http_mail_hurry(call);
	else if (call->headers_done)
		end_attempt(call, HTTP_FAIL_BODY_TIMEOUT, 0);
	else if (http_easy_is_connected(call))
		end_attempt(call, HTTP_FAIL_TIMEOUT, 0);
	else
		end_attempt(call, HTTP_FAIL_CONNECT_TIMEOUT, 0);
	http_client_deliver(client);
}

static int64_t
moment(int64_t start_us, int64_t after_ms)
{
	return after_ms > 0 && after_ms < (INT64_MAX - start_us) / 1000
		? start_us + after_ms * 1000
		: INT64_MAX;
}

void
http_call_begin(struct http_call *call, const struct http_request *request)
{
	assert(request->total_ms > 0);
	int64_t now = clock_mono_us();
	call->start_us = now;
	call->total_at_us = moment(now, request->total_ms);
	call->headers_at_us = moment(now, request->headers_ms);
	call->connect_at_us = least(moment(now, request->connect_ms),
		least(call->headers_at_us, call->total_at_us));
	call->idle_us = request->idle_ms * 1000;
	call->cut_body = request->cut_body;
	call->headers.max = HTTP_HEADERS_MAX;
	call->body.max = request->body_max;
	ev_timer_init(&call->timer, on_deadline, 0, 0);
	call->timer.data = call;

	call->is_mail = request->mail != NULL;

	struct err err;
	bool good = call->is_mail ? http_mail_prepare(call, request, &err)
				  : http_easy_prepare(call, request, &err);
	if (good)
		look_up(call, request);
	else
		http_call_finish_badly(call, HTTP_FAIL_URL, err.text);
}

void
http_call_stop(struct http_call *call)
{
	ev_timer_stop(call->client->loop, &call->timer);
	resolver_cancel(call->query);
	call->query = NULL;
	http_mail_let_go(call);
	if (call->multi)
		curl_multi_remove_handle(call->multi->curl, call->easy);
	call->multi = NULL;
}
