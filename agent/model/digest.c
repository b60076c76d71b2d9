#include "agent/model/digest.h"

#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"

static json_t *
text_json(const char *text)
{
	json_t *json = json_string(text);
	return json ? json : json_string("?");
}

static json_t *
row_json(const struct digest_row *row)
{
	json_t *json = json_object();
	json_object_set_new(json, "name", text_json(row->name));
	json_object_set_new(json, "url", text_json(row->url));
	json_object_set_new(json, "status", json_integer(row->status));
	if (row->muted)
		json_object_set_new(json, "muted", json_true());
	json_object_set_new(json, "since_ms", json_integer(row->since_ms));
	json_object_set_new(json, "uptime_ppm", json_integer(row->uptime_ppm));
	return json;
}

char *
digest_encode(const struct digest *digest)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < digest->n_rows; i++)
		json_array_append_new(rows, row_json(&digest->rows[i]));
	json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
		"from_ms", (json_int_t)digest->from_ms, "to_ms",
		(json_int_t)digest->to_ms, "total", (json_int_t)digest->total,
		"bad", (json_int_t)digest->bad, "unknown",
		(json_int_t)digest->unknown, "muted", (json_int_t)digest->muted,
		"rows", rows);
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text ? text : mem_dup("{}");
}

static int64_t
number_at(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static size_t
count_at(const json_t *json, const char *key)
{
	int64_t number = number_at(json, key);
	return number > 0 ? (size_t)number : 0;
}

static const char *
text_at(const json_t *json, const char *key, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? arena_dup(arena, text) : "";
}

static struct digest_row
read_row(const json_t *json, struct arena *arena)
{
	int64_t status = number_at(json, "status");
	return (struct digest_row){
		.name = text_at(json, "name", arena),
		.url = text_at(json, "url", arena),
		.status = status > 0 && status < STATUS_COUNT
			? (enum status)status
			: STATUS_UNKNOWN,
		.muted = json_is_true(json_object_get(json, "muted")),
		.since_ms = number_at(json, "since_ms"),
		.uptime_ppm = json_object_get(json, "uptime_ppm")
			? number_at(json, "uptime_ppm")
			: -1,
	};
}

bool
digest_decode(const char *text, struct arena *arena, struct digest *digest)
{
	json_t *json = json_loads(text, 0, NULL);
	const json_t *rows = json_object_get(json, "rows");
	*digest = (struct digest){
		.from_ms = number_at(json, "from_ms"),
		.to_ms = number_at(json, "to_ms"),
		.total = count_at(json, "total"),
		.bad = count_at(json, "bad"),
		.unknown = count_at(json, "unknown"),
		.muted = count_at(json, "muted"),
	};
	bool is_one = json_is_array(rows);
	for (size_t i = 0;
		i < json_array_size(rows) && digest->n_rows < DIGEST_ROWS_MAX;
		i++)
		digest->rows[digest->n_rows++] =
			read_row(json_array_get(rows, i), arena);
	json_decref(json);
	return is_one;
}

/* What is not known is worse than what is well, and what is muted is not worse
 * than that. */
static int
rank(const struct digest_row *row)
{
	return row->status == STATUS_OPERATIONAL ? 0
		: row->status == STATUS_UNKNOWN || row->muted
		? 1
		: (int)row->status;
}

int
digest_compare(const void *a, const void *b)
{
	const struct digest_row *one = a;
	const struct digest_row *other = b;
	int ranks = rank(other) - rank(one);
	return ranks != 0 ? ranks : strcmp(one->name, other->name);
}
