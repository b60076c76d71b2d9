/*
 * The API of Cachet 3, with what one may stumble over: numbers are objects, ids
 * are texts, an incident is for who is logged in unless it says otherwise, its
 * effect on the component is set by its creation alone and ends with it, and
 * there is a limit of requests a minute.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/sim/cachet.h"
#include "tests/sim/sim.h"

enum {
	ANSWER_MAX = 1024 * 1024,
	PER_PAGE = 15,
	PER_PAGE_MAX = 100,
};

static const char bearer[] = "Bearer ";
static const char root[] = "/api";

static struct sim_answer
answer(int status, struct buf *buf)
{
	struct sim_answer given = { .status = status, .body = buf_steal(buf) };
	buf_finish(buf);
	return given;
}

static struct sim_answer
refuse(int status, const char *message)
{
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_printf(&buf, "{\"message\":\"%s\"}", message);
	return answer(status, &buf);
}

static struct sim_answer
missing(void)
{
	return refuse(404, "No query results for model [Cachet\\\\Models]");
}

static bool
is_number(const json_t *body, const char *key, int64_t low, int64_t high)
{
	const json_t *number = json_object_get(body, key);
	return json_is_integer(number) && json_integer_value(number) >= low
		&& json_integer_value(number) <= high;
}

/* Components. */

static void
write_component(const struct sim_cachet *cachet, int64_t id, struct buf *buf)
{
	const struct sim_component *one = &cachet->components[id];
	buf_printf(buf,
		"{\"id\":\"%" PRId64 "\",\"type\":\"components\","
		"\"attributes\":{\"id\":%" PRId64
		",\"name\":\"Component %" PRId64
		"\",\"status\":{\"human\":\"It\",\"value\":%" PRId64
		"},\"latest_status\":{\"human\":\"It\",\"value\":%" PRId64
		"},\"enabled\":%s}}",
		id, id, id, one->status, sim_cachet_latest(cachet, id),
		one->enabled ? "true" : "false");
}

static struct sim_answer
answer_component(const struct sim_cachet *cachet, int64_t id)
{
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":");
	write_component(cachet, id, &buf);
	buf_add_text(&buf, "}");
	return answer(200, &buf);
}

static struct sim_answer
put_component(struct sim_cachet *cachet, int64_t id, const json_t *body)
{
	const json_t *enabled = json_object_get(body, "enabled");
	if (json_object_get(body, "status")) {
		if (!is_number(body, "status", 1, 6))
			return refuse(422, "The selected status is invalid.");
		sim_cachet_set_component(cachet, id,
			json_integer_value(json_object_get(body, "status")));
	}
	if (enabled)
		cachet->components[id].enabled = json_is_true(enabled);
	return answer_component(cachet, id);
}

/* Pages. */

struct page {
	int64_t per_page, number, first; /* from 0 */
};

static struct page
page_of(const char *path)
{
	struct page page = {
		.per_page = sim_cachet_query_number(path, "per_page", PER_PAGE),
		.number = sim_cachet_query_number(path, "page", 1),
	};
	if (page.per_page < 1)
		page.per_page = 1;
	if (page.per_page > PER_PAGE_MAX)
		page.per_page = PER_PAGE_MAX;
	page.first = (page.number - 1) * page.per_page;
	return page;
}

static struct sim_answer
end_page(
	const struct page *page, int64_t found, const char *of, struct buf *buf)
{
	buf_printf(buf,
		"],\"links\":{\"first\":\"http:\\/\\/inner\\/api\\/%s?page=1\"",
		of);
	if (found > page->first + page->per_page)
		buf_printf(buf,
			",\"next\":\"http:\\/\\/inner\\/api\\/%s?page=%" PRId64
			"\"",
			of, page->number + 1);
	buf_printf(buf,
		"},\"meta\":{\"current_page\":%" PRId64 ",\"per_page\":%" PRId64
		"}}",
		page->number, page->per_page);
	return answer(200, buf);
}

static struct sim_answer
list_components(const struct sim_cachet *cachet, const char *path)
{
	char enabled[16];
	bool all = sim_cachet_query(
		path, "filter[enabled]", enabled, sizeof(enabled));
	struct page page = page_of(path);
	int64_t found = 0, listed = 0;
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":[");
	for (int64_t id = 1; id <= PLAN_COMPONENTS; id++) {
		if ((!all && !cachet->components[id].enabled)
			|| found++ < page.first
			|| found > page.first + page.per_page)
			continue;
		if (listed++ > 0)
			buf_add_char(&buf, ',');
		write_component(cachet, id, &buf);
	}
	return end_page(&page, found, "components", &buf);
}

/* Incidents. */

static void
write_incident(const struct sim_cachet *cachet, const struct sim_incident *one,
	const char *path, struct buf *buf)
{
	char date[32];
	sim_cachet_date(cachet, one->made_ms, date);
	buf_printf(buf,
		"{\"id\":\"%" PRId64 "\",\"type\":\"incidents\","
		"\"attributes\":{\"id\":%" PRId64 ",\"name\":",
		one->id, one->id);
	sim_cachet_quote(buf, one->name);
	buf_add_text(buf, ",\"message\":");
	sim_cachet_quote(buf, one->message);
	buf_printf(buf,
		",\"visible\":%d,\"stickied\":%s,\"status\":{\"human\":\"It\","
		"\"value\":%" PRId64 "},\"created\":{\"string\":\"%s\"}",
		one->visible, one->stickied ? "true" : "false", one->status,
		date);
	if (strstr(path, "meta"))
		buf_printf(buf, ",\"meta\":%s",
			*one->meta != '\0' ? one->meta : "[]");
	buf_add_char(buf, '}');
	if (strstr(path, "components") && one->component > 0)
		buf_printf(buf,
			",\"relationships\":{\"components\":{\"data\":[{"
			"\"type\":\"components\",\"id\":\"%" PRId64 "\"}]}}",
			one->component);
	buf_add_char(buf, '}');
}

static struct sim_answer
answer_incident(const struct sim_cachet *cachet, const struct sim_incident *one,
	int status, const char *path)
{
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":");
	write_incident(cachet, one, path, &buf);
	buf_add_text(&buf, "}");
	return answer(status, &buf);
}

/* What a list is asked for. */
struct wanted {
	char statuses[32]; /* "" for any */
	char mark[64]; /* the same */
};

static bool
is_wanted(const struct wanted *wanted, const struct sim_incident *one)
{
	if (one->deleted
		|| (*wanted->mark != '\0' && !strstr(one->meta, wanted->mark)))
		return false;
	return *wanted->statuses == '\0'
		|| strchr(wanted->statuses, (char)('0' + one->status));
}

static struct sim_answer
list_incidents(const struct sim_cachet *cachet, const char *path)
{
	struct wanted wanted = { "", "" };
	if (!sim_cachet_query(path, "filter[status]", wanted.statuses,
		    sizeof(wanted.statuses)))
		wanted.statuses[0] = '\0';
	if (!sim_cachet_query(path, "filter[meta][curlew]", wanted.mark,
		    sizeof(wanted.mark)))
		wanted.mark[0] = '\0';
	struct page page = page_of(path);
	bool up = strstr(path, "sort=id") != NULL;
	int64_t found = 0, listed = 0;
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":[");
	for (size_t i = 0; i < cachet->n; i++) {
		const struct sim_incident *one =
			&cachet->incidents[up ? i : cachet->n - 1 - i];
		if (!is_wanted(&wanted, one) || found++ < page.first
			|| found > page.first + page.per_page)
			continue;
		if (listed++ > 0)
			buf_add_char(&buf, ',');
		write_incident(cachet, one, path, &buf);
	}
	return end_page(&page, found, "incidents", &buf);
}

static bool
is_truth(const json_t *body, const char *key)
{
	const json_t *value = json_object_get(body, key);
	return !value || json_is_boolean(value) || is_number(body, key, 0, 1);
}

static bool
flag_of(const json_t *body, const char *key)
{
	const json_t *flag = json_object_get(body, key);
	return json_is_true(flag) || json_integer_value(flag) != 0;
}

static struct sim_answer
create_incident(struct sim_cachet *cachet, const char *path, const json_t *body)
{
	const char *name = json_string_value(json_object_get(body, "name"));
	if (!name || strlen(name) > 255
		|| !json_is_string(json_object_get(body, "message"))
		|| !is_number(body, "status", 0, CACHET_IS_FIXED)
		|| !is_truth(body, "visible") || !is_truth(body, "stickied"))
		return refuse(422, "The name field is required.");
	if (json_object_get(body, "component_id")
		&& (!is_number(body, "component_id", 1, PLAN_COMPONENTS)
			|| !is_number(body, "component_status", 1, 6)))
		return refuse(422, "The component status field is required.");
	struct sim_incident *one = sim_cachet_create(cachet, body);
	one->visible = flag_of(body, "visible");
	one->stickied = flag_of(body, "stickied");
	return answer_incident(cachet, one, 201, path);
}

static struct sim_answer
put_incident(struct sim_cachet *cachet, struct sim_incident *one,
	const char *path, const json_t *body)
{
	sim_cachet_edit(one, body);
	if (json_object_get(body, "visible"))
		one->visible = flag_of(body, "visible");
	if (json_object_get(body, "stickied"))
		one->stickied = flag_of(body, "stickied");
	return answer_incident(cachet, one, 200, path);
}

/* Updates. */

static void
write_update(const struct sim_incident *one, size_t i, struct buf *buf)
{
	const struct sim_update *update = &one->updates[i];
	buf_printf(buf,
		"{\"id\":\"%" PRId64 "\",\"type\":\"updates\",\"attributes\":{"
		"\"id\":%" PRId64 ",\"updateable_id\":%" PRId64
		",\"status\":{\"human\":\"It\",\"value\":%" PRId64
		"},\"message\":",
		update->id, update->id, one->id, update->status);
	sim_cachet_quote(buf, update->message);
	buf_add_text(buf, "}}");
}

static struct sim_answer
list_updates(const struct sim_incident *one, const char *path)
{
	struct page page = page_of(path);
	size_t first = (size_t)page.first;
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":[");
	for (size_t i = first;
		i < one->n_updates && i < first + (size_t)page.per_page; i++) {
		if (i > first)
			buf_add_char(&buf, ',');
		write_update(one, i, &buf);
	}
	return end_page(&page, (int64_t)one->n_updates, "updates", &buf);
}

static struct sim_answer
on_updates(const struct sim_request *request, struct sim_incident *one,
	const json_t *body)
{
	if (str_eq(request->method, "GET"))
		return list_updates(one, request->path);
	if (!str_eq(request->method, "POST"))
		return refuse(405, "The method is not supported.");
	if (!sim_cachet_add_update(one, body, 0, request->late))
		return refuse(422, "The selected status is invalid.");
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":");
	write_update(one, one->n_updates - 1, &buf);
	buf_add_text(&buf, "}");
	return answer(201, &buf);
}

static struct sim_answer
on_incident(struct sim_cachet *cachet, const struct sim_request *request,
	const char *rest, const json_t *body)
{
	char *end;
	struct sim_incident *one =
		sim_cachet_incident(cachet, strtoll(rest, &end, 10));
	if (!one)
		return missing();
	if (str_starts(end, "/updates"))
		return on_updates(request, one, body);
	if (*end != '\0' && *end != '?')
		return missing();
	if (str_eq(request->method, "PUT") || str_eq(request->method, "PATCH"))
		return put_incident(cachet, one, request->path, body);
	if (str_eq(request->method, "GET"))
		return answer_incident(cachet, one, 200, request->path);
	if (!str_eq(request->method, "DELETE"))
		return refuse(405, "The method is not supported.");
	sim_cachet_delete(one);
	return (struct sim_answer){ .status = 204 };
}

static struct sim_answer
on_metric(struct sim_cachet *cachet, const struct sim_request *request,
	const char *path, const json_t *body)
{
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	const char *rest = path + strlen("/metrics");
	if (str_eq(request->method, "GET") && *rest != '/') {
		struct page page = page_of(path);
		buf_add_text(&buf,
			"{\"data\":[{\"id\":\"1\",\"type\":\"metrics\","
			"\"attributes\":" SIM_METRIC_ROW "}");
		return end_page(&page, 1, "metrics", &buf);
	}
	if (sim_cachet_metric(cachet, request, rest, body, &buf))
		return answer(str_eq(request->method, "GET") ? 200 : 201, &buf);
	buf_finish(&buf);
	return missing();
}

/* Routes. */

static struct sim_answer
on_path(struct sim_cachet *cachet, const struct sim_request *request,
	const char *path, const json_t *body)
{
	static const char components[] = "/components";
	static const char incidents[] = "/incidents";
	bool reads = str_eq(request->method, "GET");
	if (str_eq(path, "/ping"))
		return (struct sim_answer){ .status = 200,
			.body = mem_dup("{\"data\":\"Pong!\"}") };
	if (str_starts(path, components)) {
		const char *rest = path + strlen(components);
		int64_t id = *rest == '/' ? strtoll(rest + 1, NULL, 10) : 0;
		if (*rest != '/')
			return list_components(cachet, path);
		if (id < 1 || id > PLAN_COMPONENTS)
			return missing();
		return reads ? answer_component(cachet, id)
			     : put_component(cachet, id, body);
	}
	if (str_starts(path, "/metrics"))
		return on_metric(cachet, request, path, body);
	if (!str_starts(path, incidents))
		return refuse(404, "The route could not be found.");
	const char *rest = path + strlen(incidents);
	if (*rest == '/')
		return on_incident(cachet, request, rest + 1, body);
	return reads ? list_incidents(cachet, path)
		     : create_incident(cachet, path, body);
}

/* Those that came before, in the window that a request opened. */
static unsigned *
count_of(struct sim_cachet *cachet, bool reads)
{
	int64_t time = sim_time(cachet->world);
	if (time - cachet->window_ms >= SIM_MINUTE_MS) {
		cachet->window_ms = time;
		cachet->reads = cachet->writes = 0;
	}
	return reads ? &cachet->reads : &cachet->writes;
}

/* A process that has just begun cannot know what the last one has used. */
static struct sim_answer
refuse_more(struct sim_cachet *cachet)
{
	const struct sim_world *world = cachet->world;
	int64_t time = sim_time(world);
	if (time - world->restart_ms >= SIM_MINUTE_MS)
		sim_fail(cachet->world, "more than %u requests a minute",
			cachet->limit);
	struct sim_answer given = refuse(429, "Too Many Attempts.");
	given.retry_after_s = (int)((cachet->window_ms + SIM_MINUTE_MS - time)
				      / SIM_SECOND_MS)
		+ 1;
	return given;
}

static struct sim_answer
work(struct sim_cachet *cachet, const struct sim_request *request)
{
	json_t *body = json_loads(request->body, 0, NULL);
	struct sim_answer given =
		on_path(cachet, request, request->path + strlen(root), body);
	json_decref(body);
	return given;
}

struct sim_answer
sim_cachet_3(struct sim_cachet *cachet, const struct sim_request *request)
{
	bool reads = str_eq(request->method, "GET");
	if (!str_starts(request->path, root))
		return (struct sim_answer){ .status = 404,
			.body = mem_dup("<html>Not found") };
	if (str_starts(request->path, "/api/v1"))
		return refuse(404, "The route api/v1 could not be found.");
	if (!reads
		&& (!str_starts(request->bearer, bearer)
			|| !sim_cachet_knows(
				cachet, request->bearer + strlen(bearer))))
		return refuse(401, "Unauthenticated.");
	unsigned *count = count_of(cachet, reads);
	if (*count == cachet->limit)
		return refuse_more(cachet);
	++*count;
	struct sim_answer given = work(cachet, request);
	given.limit = cachet->limit;
	given.remaining = cachet->limit - *count;
	return given;
}
