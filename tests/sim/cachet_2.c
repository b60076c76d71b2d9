/*
 * The API of Cachet 2.3 and 2.4, with what one may stumble over: 2.3 enables a
 * component with each write, has no updates and no `meta`, and gives numbers as
 * texts; a PUT of an incident forgets `visible` and `stickied`; a filter cannot
 * be combined with `page`, nor with what is no field.
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
	PER_PAGE = 20,
};

static const char root[] = "/api/v1";

static struct sim_answer
answer(int status, struct buf *buf)
{
	struct sim_answer given = { .status = status, .body = buf_steal(buf) };
	buf_finish(buf);
	return given;
}

static struct sim_answer
error(int status, const char *detail)
{
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_printf(&buf,
		"{\"errors\":[{\"id\":\"x\",\"status\":%d,\"title\":\"No\","
		"\"detail\":\"%s\"}]}",
		status, detail);
	return answer(status, &buf);
}

static struct sim_answer
missing(void)
{
	return error(404, "The requested resource could not be found.");
}

/* Components. */

static void
write_component(const struct sim_cachet *cachet, int64_t id, bool written,
	struct buf *buf)
{
	const struct sim_component *one = &cachet->components[id];
	const char *quote =
		cachet->generation == SIM_2_3 && !written ? "\"" : "";
	buf_printf(buf,
		"{\"id\":%" PRId64 ",\"name\":\"Component %" PRId64
		"\",\"status\":%s%" PRId64 "%s,\"enabled\":%s,%s\"tags\":[]}",
		id, id, quote, one->status, quote,
		one->enabled ? "true" : "false",
		cachet->generation == SIM_2_3 ? "" : "\"meta\":null,");
}

static struct sim_answer
answer_component(const struct sim_cachet *cachet, int64_t id, bool written)
{
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":");
	write_component(cachet, id, written, &buf);
	buf_add_text(&buf, "}");
	return answer(200, &buf);
}

static struct sim_answer
put_component(struct sim_cachet *cachet, int64_t id, const json_t *body)
{
	const json_t *status = json_object_get(body, "status");
	const json_t *enabled = json_object_get(body, "enabled");
	if (json_is_integer(status)) {
		int64_t number = json_integer_value(status);
		if (cachet->generation == SIM_2_4
			&& (number < 0 || number > STATUS_MAJOR_OUTAGE))
			return error(400, "The status is wrong.");
		sim_cachet_set_component(cachet, id, number);
	}
	if (enabled)
		cachet->components[id].enabled = json_is_true(enabled);
	else if (cachet->generation == SIM_2_3)
		cachet->components[id].enabled = true;
	return answer_component(cachet, id, true);
}

/* Pages: a list, `page` of it, and how many there are. */

static void
write_pages(struct buf *buf, size_t total, int64_t per_page, int64_t page)
{
	int64_t pages = ((int64_t)total + per_page - 1) / per_page;
	buf_printf(buf,
		"],\"meta\":{\"pagination\":{\"total\":%zu,\"count\":0,"
		"\"per_page\":%" PRId64 ",\"current_page\":%" PRId64
		",\"total_pages\":%" PRId64 ",\"links\":{}}}}",
		total, per_page, page, pages > 0 ? pages : 1);
}

static struct sim_answer
list_components(const struct sim_cachet *cachet, const char *path)
{
	int64_t per_page = sim_cachet_query_number(path, "per_page", PER_PAGE);
	int64_t page = sim_cachet_query_number(path, "page", 1);
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":[");
	int64_t first = (page - 1) * per_page + 1;
	for (int64_t id = first; id < first + per_page && id <= PLAN_COMPONENTS;
		id++) {
		if (id > first)
			buf_add_char(&buf, ',');
		write_component(cachet, id, false, &buf);
	}
	write_pages(&buf, PLAN_COMPONENTS, per_page, page);
	return answer(200, &buf);
}

/* Incidents. */

static void
write_incident(const struct sim_cachet *cachet, const struct sim_incident *one,
	bool written, struct buf *buf)
{
	bool old = cachet->generation == SIM_2_3;
	const char *quote = old && !written ? "\"" : "";
	char date[32];
	sim_cachet_date(cachet, one->made_ms, date);
	buf_printf(buf, "{\"id\":%" PRId64 ",\"name\":", one->id);
	sim_cachet_quote(buf, one->name);
	buf_add_text(buf, ",\"message\":");
	sim_cachet_quote(buf, one->message);
	buf_printf(buf,
		",\"status\":%s%" PRId64 "%s,\"component_id\":%s%" PRId64
		"%s,\"visible\":%d,\"created_at\":\"%s\"",
		quote, one->status, quote, quote, one->component, quote,
		one->visible, date);
	if (!old)
		buf_printf(buf,
			",\"stickied\":%s,\"latest_status\":%" PRId64
			",\"occurred_at\":\"%s\",\"updates\":[],\"meta\":%s",
			one->stickied ? "true" : "false", one->status, date,
			*one->meta != '\0' ? one->meta : "[]");
	buf_add_char(buf, '}');
}

static struct sim_answer
answer_incident(const struct sim_cachet *cachet, const struct sim_incident *one,
	bool written)
{
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":");
	write_incident(cachet, one, written, &buf);
	buf_add_text(&buf, "}");
	return answer(200, &buf);
}

/* What a list is asked for. */
struct wanted {
	int64_t component, status; /* -1: any */
	int64_t per_page, page;
	bool newest_first, none;
};

static struct wanted
wanted_of(const char *path)
{
	struct wanted wanted = {
		.component = sim_cachet_query_number(path, "component_id", -1),
		.status = sim_cachet_query_number(path, "status", -1),
		.per_page = sim_cachet_query_number(path, "per_page", PER_PAGE),
		.page = sim_cachet_query_number(path, "page", 1),
		.newest_first = strstr(path, "order=desc") != NULL,
	};
	char ignored[64];
	bool filters = wanted.component >= 0 || wanted.status >= 0;
	wanted.none = filters
		&& sim_cachet_query(path, "page", ignored, sizeof(ignored));
	return wanted;
}

static bool
is_wanted(const struct wanted *wanted, const struct sim_incident *one)
{
	return !wanted->none && !one->deleted
		&& (wanted->component < 0
			|| one->component == wanted->component)
		&& (wanted->status < 0 || one->status == wanted->status);
}

static struct sim_answer
list_incidents(const struct sim_cachet *cachet, const char *path)
{
	struct wanted wanted = wanted_of(path);
	int64_t first = (wanted.page - 1) * wanted.per_page;
	int64_t found = 0, listed = 0;
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":[");
	for (size_t i = 0; i < cachet->n; i++) {
		const struct sim_incident *one =
			&cachet->incidents[wanted.newest_first
					? cachet->n - 1 - i
					: i];
		if (!is_wanted(&wanted, one) || found++ < first
			|| found > first + wanted.per_page)
			continue;
		if (listed++ > 0)
			buf_add_char(&buf, ',');
		write_incident(cachet, one, false, &buf);
	}
	write_pages(&buf, (size_t)found, wanted.per_page, wanted.page);
	return answer(200, &buf);
}

static bool
is_number(const json_t *body, const char *key, int64_t low, int64_t high)
{
	const json_t *number = json_object_get(body, key);
	return json_is_integer(number) && json_integer_value(number) >= low
		&& json_integer_value(number) <= high;
}

static bool
flag_of(const json_t *body, const char *key, bool fallback)
{
	const json_t *flag = json_object_get(body, key);
	if (json_is_integer(flag))
		return json_integer_value(flag) != 0;
	return flag ? json_is_true(flag) : fallback;
}

/* The component follows when both are given. */
static void
move_component(struct sim_cachet *cachet, const json_t *body)
{
	if (is_number(body, "component_id", 1, PLAN_COMPONENTS)
		&& is_number(body, "component_status", 0, STATUS_MAJOR_OUTAGE))
		sim_cachet_set_component(cachet,
			json_integer_value(
				json_object_get(body, "component_id")),
			json_integer_value(
				json_object_get(body, "component_status")));
}

static struct sim_answer
create_incident(struct sim_cachet *cachet, const json_t *body)
{
	if (!json_is_string(json_object_get(body, "name"))
		|| !json_is_string(json_object_get(body, "message"))
		|| !is_number(body, "status", 0, CACHET_IS_FIXED))
		return error(400, "Something required is missing.");
	if (json_object_get(body, "component_id")
		&& !is_number(body, "component_id", 1, PLAN_COMPONENTS))
		return error(cachet->generation == SIM_2_3 ? 500 : 400,
			"There is no such component.");
	struct sim_incident *one = sim_cachet_create(cachet, body);
	one->visible = flag_of(body, "visible", true);
	if (cachet->generation == SIM_2_3)
		one->meta[0] = '\0';
	else
		one->stickied = flag_of(body, "stickied", false);
	move_component(cachet, body);
	return answer_incident(cachet, one, true);
}

static struct sim_answer
put_incident(
	struct sim_cachet *cachet, struct sim_incident *one, const json_t *body)
{
	sim_cachet_edit(one, body);
	one->visible = flag_of(body, "visible", true);
	if (cachet->generation == SIM_2_4)
		one->stickied = flag_of(body, "stickied", false);
	move_component(cachet, body);
	return answer_incident(cachet, one, true);
}

/* Updates. */

static void
write_update(const struct sim_incident *one, size_t i, struct buf *buf)
{
	const struct sim_update *update = &one->updates[i];
	buf_printf(buf,
		"{\"id\":%" PRId64 ",\"incident_id\":%" PRId64
		",\"status\":%" PRId64 ",\"message\":",
		update->id, one->id, update->status);
	sim_cachet_quote(buf, update->message);
	buf_add_char(buf, '}');
}

static struct sim_answer
list_updates(const struct sim_incident *one, const char *path)
{
	int64_t per_page = sim_cachet_query_number(path, "per_page", PER_PAGE);
	int64_t page = sim_cachet_query_number(path, "page", 1);
	size_t first = (size_t)((page - 1) * per_page);
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":[");
	for (size_t i = first;
		i < one->n_updates && i < first + (size_t)per_page; i++) {
		if (i > first)
			buf_add_char(&buf, ',');
		write_update(one, i, &buf);
	}
	write_pages(&buf, one->n_updates, per_page, page);
	return answer(200, &buf);
}

static struct sim_answer
on_updates(const struct sim_cachet *cachet, const struct sim_request *request,
	struct sim_incident *one, const json_t *body)
{
	if (cachet->generation == SIM_2_3)
		return missing();
	if (str_eq(request->method, "GET"))
		return list_updates(one, request->path);
	if (!str_eq(request->method, "POST"))
		return error(405, "The method is wrong.");
	if (!sim_cachet_add_update(one, body, 1, request->late))
		return error(400, "The update is wrong.");
	struct buf buf;
	buf_init(&buf, ANSWER_MAX);
	buf_add_text(&buf, "{\"data\":");
	write_update(one, one->n_updates - 1, &buf);
	buf_add_text(&buf, "}");
	return answer(200, &buf);
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
		return on_updates(cachet, request, one, body);
	if (*end != '\0')
		return missing();
	one->rewound |= request->late && cachet->generation == SIM_2_3
		&& str_eq(request->method, "PUT");
	if (str_eq(request->method, "PUT"))
		return put_incident(cachet, one, body);
	if (str_eq(request->method, "GET"))
		return answer_incident(cachet, one, false);
	if (!str_eq(request->method, "DELETE"))
		return error(405, "The method is wrong.");
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
		buf_add_text(&buf, "{\"data\":[" SIM_METRIC_ROW);
		write_pages(&buf, 1, PER_PAGE, 1);
		return answer(200, &buf);
	}
	if (sim_cachet_metric(cachet, request, rest, body, &buf))
		return answer(200, &buf);
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
	if (str_starts(path, "/schedules"))
		return cachet->generation == SIM_2_3
			? missing()
			: (struct sim_answer){ .status = 200,
				  .body = mem_dup(
					  "{\"meta\":{\"pagination\":{"
					  "\"total\":0}},\"data\":[]}") };
	if (str_starts(path, components)) {
		const char *rest = path + strlen(components);
		int64_t id = *rest == '/' ? strtoll(rest + 1, NULL, 10) : 0;
		if (*rest != '/')
			return list_components(cachet, path);
		if (id < 1 || id > PLAN_COMPONENTS)
			return missing();
		return reads ? answer_component(cachet, id, false)
			     : put_component(cachet, id, body);
	}
	if (str_starts(path, "/metrics"))
		return on_metric(cachet, request, path, body);
	if (!str_starts(path, incidents))
		return missing();
	const char *rest = path + strlen(incidents);
	if (*rest == '/')
		return on_incident(cachet, request, rest + 1, body);
	return reads ? list_incidents(cachet, path)
		     : create_incident(cachet, body);
}

struct sim_answer
sim_cachet_2(struct sim_cachet *cachet, const struct sim_request *request)
{
	if (!str_starts(request->path, root))
		return (struct sim_answer){ .status = 404,
			.body = mem_dup("<html>Not found") };
	if (!str_eq(request->method, "GET")
		&& !sim_cachet_knows(cachet, request->token))
		return error(401, "Authentication is required.");
	json_t *body = json_loads(request->body, 0, NULL);
	struct sim_answer given =
		on_path(cachet, request, request->path + strlen(root), body);
	json_decref(body);
	return given;
}
