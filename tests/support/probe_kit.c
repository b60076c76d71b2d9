#include "tests/support/probe_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/base/pattern.h"
#include "agent/base/str.h"
#include "probes/http.h"

struct http_call {
	http_done_fn *done;
	void *cookie;
};

static struct http_call asked;

struct kit_client kit_client;

struct http_call *
http_send(struct http_client *client, const struct http_request *request,
	http_done_fn *done, void *cookie)
{
	assert_null(client);
	assert_null(asked.done);
	asked = (struct http_call){ done, cookie };
	kit_client.request = *request;
	struct buf *trace = &kit_client.trace;
	buf_printf(trace, "%s%s %s", trace->len > 0 ? " ; " : "",
		request->method, request->url);
	for (size_t i = 0; i < request->n_headers; i++) {
		const char *name = request->headers[i].name;
		const char *value = request->headers[i].value;
		/* Nearly all have it. */
		if (str_eq(name, "Accept-Encoding") && value
			&& str_eq(value, "gzip, deflate"))
			kit_client.takes_coded++;
		else
			buf_printf(trace, " %s=%s", name,
				value ? value : "(none)");
	}
	for (size_t i = 0; i < request->n_addresses; i++)
		buf_printf(trace, " @%s", request->addresses[i]);
	if (request->family != RESOLVER_ANY)
		buf_add_text(
			trace, request->family == RESOLVER_V4 ? " v4" : " v6");
	return &asked;
}

void
http_cancel(struct http_call *call)
{
	assert_ptr_equal(call, &asked);
	asked.done = NULL;
	kit_client.cancelled++;
}

void
kit_answer(const struct kit_answer *answer)
{
	char headers[1024] = "";
	if (answer->status > 0)
		snprintf(headers, sizeof(headers), "HTTP/1.1 %d X\r\n%s",
			answer->status, answer->headers);
	size_t len =
		answer->body_len > 0 ? answer->body_len : strlen(answer->body);
	size_t most = kit_client.request.body_max;
	/* Without anything behind it, so that reading on is noticed. */
	char *body = mem_dup_n(answer->body, len < most ? len : most);
	struct http_response response = {
		.fail = answer->fail,
		.detail = answer->fail ? "there is no way there" : "",
		.status = answer->status,
		.headers = headers,
		.body = body,
		.body_len = len < most ? len : most,
		.body_cut = len > most,
		.timing = {
			.dns_us = 10,
			.connect_us = 20,
			.tls_us = 30,
			.wait_us = 40,
			.headers_us = answer->headers_us,
			.total_us = answer->headers_us + 500,
		},
	};
	http_done_fn *done = asked.done;
	assert_non_null(done);
	asked.done = NULL;
	done(asked.cookie, &response);
	free(body);
}

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	buf_printf(cookie, "%s %s\n",
		severity == CONF_ERROR ? "error" : "warning", message);
}

const void *
kit_read(struct kit_scene *scene, const char *yaml)
{
	static const struct conf_types no_types;
	char path[] = "/tmp/curlew-probe-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	close(fd);
	const void *settings = conf_read(path, &http_probe.conf.section,
		&no_types, scene->arena, on_complaint, &scene->complaints);
	unlink(path);
	return settings;
}

static uint32_t
count_stalls(void *cookie)
{
	struct kit_scene *scene = cookie;
	return scene->stalls;
}

static void
on_result(void *cookie, struct result *result)
{
	struct kit_scene *scene = cookie;
	result_finish(&scene->result);
	scene->result = *result;
	scene->results++;
}

void
kit_open(struct kit_scene *scene, const char *yaml)
{
	*scene = (struct kit_scene){ .arena = arena_new() };
	buf_init(&scene->complaints, 8192);
	buf_clear(&kit_client.trace);
	kit_client.cancelled = 0;
	kit_client.takes_coded = 0;
	asked.done = NULL;
	const void *settings = kit_read(scene, yaml);
	if (!settings)
		fail_msg("%s: %s", yaml, scene->complaints.data);
	scene->patterns = pattern_cache_new();
	scene->env = (struct probe_env){
		.patterns = scene->patterns,
		.stalls = count_stalls,
		.cookie = scene,
	};
	scene->probe = probe_new(&http_probe, settings, &scene->env);
}

void
kit_look(struct kit_scene *scene)
{
	probe_start(scene->probe, KIT_AT_MS, on_result, scene);
}

void
kit_close(struct kit_scene *scene)
{
	probe_free(scene->probe);
	pattern_cache_free(scene->patterns);
	result_finish(&scene->result);
	buf_finish(&scene->complaints);
	arena_free(scene->arena);
}

int
kit_set_up(void **unused)
{
	(void)unused;
	buf_init(&kit_client.trace, 8192);
	return 0;
}

int
kit_tear_down(void **unused)
{
	(void)unused;
	buf_finish(&kit_client.trace);
	return 0;
}
