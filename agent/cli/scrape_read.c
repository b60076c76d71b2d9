/* All pages of three lists. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/cli/scrape.h"
#include "agent/http/url.h"
#include "reporters/payload.h"

#define ID_MAX INT64_C(9007199254740991) /* what JSON can hold */

enum {
	PER_PAGE = 100, /* the most of Cachet 3 */
	PAGES_MAX = 200,
	ENTRIES_MAX = PAGES_MAX * PER_PAGE,
	NAME_SIZE = 1024, /* Cachet keeps 255 characters */
	LINK_SIZE = URL_MAX + 2, /* so that what is too long stays so */
	PROGRESS_SIZE = 80,
	ID_SIZE = 24,
	SERVER_ERROR = 500,
};

/* A list, and how its entries are taken. */
struct list {
	const char *what;
	const char *path_2, *path_3;

	/* Of Cachet 3, from the fullest answer to what every version takes. */
	const char *queries_3[5]; /* NULL behind the last */
	size_t entry_size;
	void (*take)(const json_t *row, struct arena *arena, void *entry);
	bool needed;
};

/* What has been read of it. */
struct entries {
	char *items;
	size_t count, size;
	struct map *ids;
};

struct reading {
	struct scrape_talk *talk;
	struct arena *arena;
	struct scrape *scrape;
};

static int64_t
number_at(const json_t *row, const char *key)
{
	int64_t number;
	const json_t *value = json_object_get(row, key);
	return value && payload_number(value, &number) ? number : 0;
}

static const char *
text_at(const json_t *row, const char *key, size_t size, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(row, key));
	if (!text)
		return "";
	static const char blanks[] = " \t\r\n";
	char cut[LINK_SIZE];
	text += strspn(text, blanks);
	str_copy(cut, size, text);
	size_t len = strlen(cut);
	while (len > 0 && strchr(blanks, cut[len - 1]))
		len--;
	return arena_dup_n(arena, cut, len);
}

/* Anything but a clear no. */
static bool
is_enabled(const json_t *row)
{
	int64_t number;
	const json_t *value = json_object_get(row, "enabled");
	if (json_is_boolean(value))
		return json_is_true(value);
	return !value || !payload_number(value, &number) || number != 0;
}

/* "group_id": 3, "3"; or in Cachet 3 a relationship. */
static int64_t
group_of(const json_t *row)
{
	const json_t *group =
		json_object_get(json_object_get(row, "relationships"), "group");
	int64_t id = number_at(json_object_get(group, "data"), "id");
	if (id == 0)
		id = number_at(row, "group_id");
	return id != 0 ? id : number_at(row, "component_group_id");
}

static void
take_component(const json_t *row, struct arena *arena, void *entry)
{
	*(struct scrape_component *)entry = (struct scrape_component){
		.id = number_at(row, "id"),
		.group_id = group_of(row),
		.order = number_at(row, "order"),
		.name = text_at(row, "name", NAME_SIZE, arena),
		.link = text_at(row, "link", LINK_SIZE, arena),
		.enabled = is_enabled(row),
	};
}

static void
take_group(const json_t *row, struct arena *arena, void *entry)
{
	*(struct scrape_group *)entry = (struct scrape_group){
		.id = number_at(row, "id"),
		.order = number_at(row, "order"),
		.name = text_at(row, "name", NAME_SIZE, arena),
	};
}

static void
take_metric(const json_t *row, struct arena *arena, void *entry)
{
	*(struct scrape_metric *)entry = (struct scrape_metric){
		.id = number_at(row, "id"),
		.name = text_at(row, "name", NAME_SIZE, arena),
		.suffix = text_at(row, "suffix", NAME_SIZE, arena),
	};
}

static const struct list components = {
	.what = "components",
	.path_2 = "/components",
	.path_3 = "/components",
	.queries_3 = { "&sort=id&include=group&filter%5Benabled%5D=0,1",
		"&sort=id&filter%5Benabled%5D=0,1", "&sort=id", "" },
	.entry_size = sizeof(struct scrape_component),
	.take = take_component,
	.needed = true,
};

static const struct list groups = {
	.what = "groups",
	.path_2 = "/components/groups",
	.path_3 = "/component-groups",
	.queries_3 = { "&sort=id", "" },
	.entry_size = sizeof(struct scrape_group),
	.take = take_group,
};

static const struct list metrics = {
	.what = "metrics",
	.path_2 = "/metrics",
	.path_3 = "/metrics",
	.queries_3 = { "&sort=id", "" },
	.entry_size = sizeof(struct scrape_metric),
	.take = take_metric,
};

/* {"id": "7", "attributes": {...}, "relationships": {...}} of Cachet 3 */
static json_t *
flat(json_t *row)
{
	json_t *whole = json_copy(json_object_get(row, "attributes"));
	if (!json_is_object(whole)) {
		json_decref(whole);
		return json_copy(row);
	}
	static const char *const outer[] = { "id", "relationships" };
	for (size_t i = 0; i < sizeof(outer) / sizeof(outer[0]); i++)
		if (json_object_get(row, outer[i]))
			json_object_set(whole, outer[i],
				json_object_get(row, outer[i]));
	return whole;
}

static void *
add_entry(const struct list *list, struct entries *entries)
{
	if (entries->count == entries->size) {
		entries->size = entries->size * 2 + PER_PAGE;
		entries->items = mem_grow(
			entries->items, entries->size, list->entry_size);
	}
	return entries->items + list->entry_size * entries->count++;
}

/* How many were not there before. */
static size_t
take_rows(struct reading *reading, const struct list *list,
	struct entries *entries, const json_t *rows)
{
	size_t i, fresh = 0;
	json_t *row;
	json_array_foreach (rows, i, row) {
		char id[ID_SIZE];
		json_t *whole = flat(row);
		int64_t number = number_at(whole, "id");
		snprintf(id, sizeof(id), "%" PRId64, number);
		if (number <= 0 || number > ID_MAX) {
			reading->scrape->n_odd++;
		} else if (!map_get(entries->ids, id)) {
			fresh++;
			map_put(entries->ids, id, entries);
			list->take(whole, reading->arena,
				add_entry(list, entries));
		}
		json_decref(whole);
	}
	return fresh;
}

/* Links are only good for a yes or no: they leave out what was asked for. */
static bool
has_more(const json_t *root, unsigned page)
{
	const json_t *pagination =
		json_object_get(json_object_get(root, "meta"), "pagination");
	const json_t *links = json_object_get(root, "links");
	if (json_is_object(pagination))
		return number_at(pagination, "total_pages") > page;
	if (json_is_object(links))
		return json_is_string(json_object_get(links, "next"));
	return json_array_size(json_object_get(root, "data")) >= PER_PAGE;
}

static enum scrape_answer
read_page(struct reading *reading, const struct list *list, size_t *query,
	unsigned page, json_t **root, struct err *err)
{
	for (;;) {
		bool is_3 = cli_scrape_talk_is_3(reading->talk);
		const char *path = arena_printf(reading->arena,
			"%s?per_page=%d&page=%u%s",
			is_3 ? list->path_3 : list->path_2, PER_PAGE, page,
			is_3 ? list->queries_3[*query] : "&sort=id&order=asc");
		enum scrape_answer answer =
			cli_scrape_talk_get(reading->talk, path, root, err);
		/* One of 2024 falls over what it does not know. */
		bool may_be_the_query = answer == SCRAPE_REFUSED
			|| (answer == SCRAPE_FAILED
				&& cli_scrape_talk_status(reading->talk)
					== SERVER_ERROR);
		if (!may_be_the_query || page > 1 || !is_3
			|| !list->queries_3[*query + 1])
			return answer;
		++*query;
	}
}

static void
show_progress(const struct reading *reading, const struct list *list,
	const struct entries *entries, unsigned page)
{
	char text[PROGRESS_SIZE];
	snprintf(text, sizeof(text), "%s: page %u (%zu so far)", list->what,
		page, entries->count);
	cli_scrape_talk_progress(reading->talk, text);
}

static enum scrape_answer
read_pages(struct reading *reading, const struct list *list,
	struct entries *entries, struct err *err)
{
	size_t query = 0;
	bool more = true;
	for (unsigned page = 1; more; page++) {
		if (page > PAGES_MAX)
			return err_set(err, "the %s do not end after %d pages",
				       list->what, PAGES_MAX),
			       SCRAPE_FAILED;
		json_t *root;
		show_progress(reading, list, entries, page);
		enum scrape_answer answer =
			read_page(reading, list, &query, page, &root, err);
		if (answer != SCRAPE_GOOD)
			return answer;
		const json_t *rows = json_object_get(root, "data");
		size_t count = json_array_size(rows);
		size_t fresh = take_rows(reading, list, entries, rows);
		more = count > 0 && has_more(root, page);
		json_decref(root);
		if (entries->count > ENTRIES_MAX)
			return err_set(err, "there are more than %d %s",
				       ENTRIES_MAX, list->what),
			       SCRAPE_FAILED;
		if (more && fresh == 0)
			return err_set(err,
				       "page %u of the %s has nothing that was "
				       "not on those before it, and is not the "
				       "last",
				       page, list->what),
			       SCRAPE_FAILED;
	}
	return SCRAPE_GOOD;
}

static bool
read_list(struct reading *reading, const struct list *list, void **items,
	size_t *count, struct err *err)
{
	struct entries entries = { .ids = map_new() };
	enum scrape_answer answer = read_pages(reading, list, &entries, err);
	if (answer == SCRAPE_REFUSED && !list->needed) {
		cli_scrape_talk_progress(reading->talk, NULL);
		fprintf(stderr, "curlew: goes on without %s: %s\n", list->what,
			err->text);
		answer = SCRAPE_GOOD;
	}
	*count = entries.count;
	*items = arena_alloc(
		reading->arena, (entries.count + 1) * list->entry_size);
	if (entries.items)
		memcpy(*items, entries.items, entries.count * list->entry_size);
	free(entries.items);
	map_free(entries.ids);
	return answer == SCRAPE_GOOD;
}

static bool
read_all(struct reading *reading, struct err *err)
{
	struct scrape *scrape = reading->scrape;
	void *items[3] = { NULL, NULL, NULL };
	if (!cli_scrape_talk_begin(reading->talk, &scrape->api_url, err)
		|| !read_list(
			reading, &groups, &items[0], &scrape->n_groups, err)
		|| !read_list(reading, &components, &items[1],
			&scrape->n_components, err)
		|| !read_list(
			reading, &metrics, &items[2], &scrape->n_metrics, err))
		return false;
	scrape->groups = items[0];
	scrape->components = items[1];
	scrape->metrics = items[2];
	return true;
}

bool
cli_scrape_read(struct scrape *scrape, const struct scrape_source *source,
	struct arena *arena, struct err *err)
{
	*scrape = (struct scrape){ .arena = arena };
	struct reading reading = {
		.talk = cli_scrape_talk_new(source, arena, err),
		.arena = arena,
		.scrape = scrape,
	};
	bool good = reading.talk && read_all(&reading, err);
	cli_scrape_talk_free(reading.talk);
	return good;
}
