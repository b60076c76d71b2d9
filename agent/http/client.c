#include "agent/http/client.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/http/client_internal.h"

enum {
	/* A spare call keeps buffers up to these sizes. */
	SPARE_HEADERS = 4 * 1024,
	SPARE_BODY = 8 * 1024,
};

struct watcher {
	struct list link; /* while spare */
	struct http_multi *multi;
	ev_io io;
};

static struct http_call *
take_first(struct list *calls)
{
	struct list *link = calls->next;
	list_remove(link);
	assert(calls->next != link);
	return LIST_ENTRY(link, struct http_call, link);
}

static void
call_free(struct http_call *call)
{
	curl_easy_cleanup(call->easy);
	buf_finish(&call->headers);
	buf_finish(&call->body);
	free(call);
}

static struct http_call *
call_new(struct http_client *client)
{
	if (!list_empty(&client->spare)) {
		client->n_spare--;
		return take_first(&client->spare);
	}
	struct http_call *call = mem_zalloc(sizeof(*call));
	list_init(&call->link);
	call->client = client;
	buf_init(&call->headers, 0);
	buf_init(&call->body, 0);
	call->easy = http_easy_new(call);
	return call;
}

static void
shrink(struct buf *buf, size_t size)
{
	if (buf->size > size) {
		buf_finish(buf);
		buf_init(buf, 0);
	}
	buf_clear(buf);
}

/* Back to what call_new() gives, but for what is costly to make. */
static void
call_retire(struct http_call *call)
{
	struct http_client *client = call->client;
	list_remove(&call->link);
	http_easy_clean(call);
	if (client->n_spare == HTTP_SPARE_CALLS) {
		call_free(call);
		return;
	}
	shrink(&call->headers, SPARE_HEADERS);
	shrink(&call->body, SPARE_BODY);
	call->n_addresses = call->n_tried = 0;
	call->looked_up_us = call->headers_us = call->body_us = 0;
	call->socket_error = 0;
	call->opened = call->ready = false;
	call->n_handshakes = 0;
	call->secures_us = 0;
	call->headers_done = call->body_cut = false;
	call->stopped = HTTP_FAIL_NONE;
	call->response = (struct http_response){ 0 };
	call->detail[0] = call->error[0] = '\0';
	/* The one used last is taken first: its memory is warm. */
	list_add(client->spare.next, &call->link);
	client->n_spare++;
}

struct http_call *
http_send(struct http_client *client, const struct http_request *request,
	http_done_fn *done, void *cookie)
{
	struct http_call *call = call_new(client);
	call->done = done;
	call->cookie = cookie;
	list_add(&client->active, &call->link);
	client->n_busy++;
	http_call_begin(call, request);
	return call;
}

void
http_cancel(struct http_call *call)
{
	if (!call)
		return;
	http_call_stop(call);
	call->client->n_busy--;
	call_retire(call);
}

void
http_client_finished(struct http_call *call)
{
	struct http_client *client = call->client;
	list_remove(&call->link);
	list_add(&client->finished, &call->link);
	if (!ev_is_active(&client->wake)) {
		ev_timer_set(&client->wake, 0, 0);
		ev_timer_start(client->loop, &client->wake);
	}
}

static void
tell(struct http_call *call)
{
	struct http_client *client = call->client;
	struct http_response *response = &call->response;
	response->detail = call->detail;
	response->headers = call->headers_done ? call->headers.data : "";
	response->body = call->body.data;
	response->body_len = call->body.len;
	response->body_cut = call->body_cut;

	client->n_busy--;
	client->in_callback = true;
	call->done(call->cookie, response);
	client->in_callback = false;
	call_retire(call);
}

void
http_client_deliver(struct http_client *client)
{
	assert(!client->in_callback);
	/* What finishes from now on waits for the next turn of the loop, so
	 * that a caller who always asks again cannot stop it. */
	while (!list_empty(&client->finished))
		list_add(&client->delivering,
			&take_first(&client->finished)->link);
	while (!list_empty(&client->delivering))
		tell(take_first(&client->delivering));
	if (list_empty(&client->finished))
		ev_timer_stop(client->loop, &client->wake);
}

static void
on_wake(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	http_client_deliver(timer->data);
}

/* Take out what libcurl is done with. */
static void
collect(struct http_multi *multi)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(multi->curl, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		/* The message dies with the removal. */
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		struct http_call *call = NULL;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
		curl_multi_remove_handle(multi->curl, easy);
		call->multi = NULL;
		http_call_ended(call, code);
	}
}

static void
drive(struct http_multi *multi, curl_socket_t fd, int mask)
{
	int running;
	curl_multi_socket_action(multi->curl, fd, mask, &running);
	collect(multi);
	http_client_deliver(multi->client);
}

static void
on_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	drive(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* The watcher may be gone after this: libcurl says so to the one below. */
static void
on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	const struct watcher *watcher = io->data;
	(void)loop;
	drive(watcher->multi, io->fd,
		(events & EV_READ ? CURL_CSELECT_IN : 0)
			| (events & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static int
on_multi_wants_timer(CURLM *curl, long after_ms, void *cookie)
{
	struct http_multi *multi = cookie;
	struct ev_loop *loop = multi->client->loop;
	(void)curl;
	ev_timer_stop(loop, &multi->timer);
	if (after_ms >= 0) {
		ev_timer_set(&multi->timer, (double)after_ms / 1000.0, 0);
		ev_timer_start(loop, &multi->timer);
	}
	return 0;
}

static struct watcher *
watcher_new(struct http_multi *multi)
{
	struct list *spare = &multi->client->spare_watchers;
	struct watcher *watcher;
	if (list_empty(spare)) {
		watcher = mem_zalloc(sizeof(*watcher));
		list_init(&watcher->link);
	} else {
		watcher = LIST_ENTRY(spare->next, struct watcher, link);
		list_remove(&watcher->link);
	}
	watcher->multi = multi;
	return watcher;
}

static int
on_multi_wants_socket(
	CURL *easy, curl_socket_t fd, int what, void *cookie, void *known)
{
	struct http_multi *multi = cookie;
	struct ev_loop *loop = multi->client->loop;
	struct watcher *watcher = known;
	(void)easy; /* may be one of libcurl's own */

	if (watcher)
		ev_io_stop(loop, &watcher->io);
	if (what == CURL_POLL_REMOVE) {
		if (watcher)
			list_add(
				&multi->client->spare_watchers, &watcher->link);
		return 0;
	}
	if (!watcher) {
		watcher = watcher_new(multi);
		curl_multi_assign(multi->curl, fd, watcher);
	}
	ev_io_init(&watcher->io, on_ready, fd,
		(what & CURL_POLL_IN ? EV_READ : 0)
			| (what & CURL_POLL_OUT ? EV_WRITE : 0));
	watcher->io.data = watcher;
	ev_io_start(loop, &watcher->io);
	return 0;
}

struct http_multi *
http_client_multi(struct http_client *client, const char *host)
{
	struct http_multi *multi =
		&client->multis[hash_text(host) % HTTP_MULTIS];
	if (multi->curl)
		return multi;
	multi->curl = curl_multi_init();
	if (!multi->curl)
		abort(); /* no memory */
	CURLM *curl = multi->curl;
	curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, on_multi_wants_socket);
	curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, on_multi_wants_timer);
	curl_multi_setopt(curl, CURLMOPT_TIMERDATA, multi);
	curl_multi_setopt(
		curl, CURLMOPT_MAXCONNECTS, (long)HTTP_KEPT_CONNECTIONS);
	curl_multi_setopt(curl, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return multi;
}

/* http_global_init() said that they are good. */
static void
read_proxies(struct http_client *client)
{
	struct err err;
	struct http_proxy_words words = http_proxy_environment();
	if (http_proxies_init(&client->proxies, &words, &err))
		return;
	fprintf(stderr, "%s\n", err.text);
	abort();
}

static bool
check_proxies(struct err *err)
{
	struct http_proxies proxies;
	struct http_proxy_words words = http_proxy_environment();
	if (!http_proxies_init(&proxies, &words, err))
		return false;
	http_proxies_finish(&proxies);
	return true;
}

struct http_client *
http_client_new(struct ev_loop *loop, struct resolver *resolver)
{
	struct http_client *client = mem_zalloc(sizeof(*client));
	client->loop = loop;
	client->resolver = resolver;
	read_proxies(client);
	list_init(&client->active);
	list_init(&client->finished);
	list_init(&client->delivering);
	list_init(&client->spare);
	list_init(&client->spare_watchers);
	http_mails_init(client);
	ev_timer_init(&client->wake, on_wake, 0, 0);
	client->wake.data = client;
	for (size_t i = 0; i < HTTP_MULTIS; i++) {
		struct http_multi *multi = &client->multis[i];
		multi->client = client;
		ev_timer_init(&multi->timer, on_timeout, 0, 0);
		multi->timer.data = multi;
	}
	return client;
}

static void
cancel_all(struct list *calls)
{
	LIST_EACH (at, calls, after)
		http_cancel(LIST_ENTRY(at, struct http_call, link));
}

void
http_client_free(struct http_client *client)
{
	if (!client)
		return;
	assert(!client->in_callback);
	cancel_all(&client->active);
	cancel_all(&client->finished);
	http_mails_finish(client);
	LIST_EACH (at, &client->spare, after)
		call_free(LIST_ENTRY(at, struct http_call, link));
	/* This closes connections, and so gives watchers back. */
	for (size_t i = 0; i < HTTP_MULTIS; i++) {
		struct http_multi *multi = &client->multis[i];
		curl_multi_cleanup(multi->curl);
		ev_timer_stop(client->loop, &multi->timer);
	}
	LIST_EACH (at, &client->spare_watchers, after)
		free(LIST_ENTRY(at, struct watcher, link));
	ev_timer_stop(client->loop, &client->wake);
	http_proxies_finish(&client->proxies);
	free(client);
}

size_t
http_client_busy(const struct http_client *client)
{
	return client->n_busy;
}

bool
http_global_init(struct err *err)
{
	if (!http_easy_check_trust(err) || !check_proxies(err))
		return false;
	/* OpenSSL writes to sockets as to files: without this a far side that
	 * hangs up would end the process. */
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGPIPE, &ignore, NULL);
	http_certificate_init();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, "libcurl does not start");
	return true;
}

void
http_global_finish(void)
{
	curl_global_cleanup();
}

const char *
http_library_version(void)
{
	return curl_version();
}
