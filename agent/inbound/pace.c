#include "agent/inbound/pace.h"

#include <stdlib.h>

#include "agent/base/list.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"

enum {
	MINUTE_MS = 60 * 1000,
};

struct one {
	struct list link; /* who came last is at the end */
	char *name;
	double tokens;
	int64_t at_ms; /* monotonic */
};

struct inbound_pace {
	struct map *by_name; /* struct one */
	struct list all;
	size_t max;
};

struct inbound_pace *
inbound_pace_new(size_t max)
{
	struct inbound_pace *pace = mem_zalloc(sizeof(*pace));
	pace->by_name = map_new();
	pace->max = max;
	list_init(&pace->all);
	return pace;
}

static void
forget(struct inbound_pace *pace, struct one *one)
{
	map_remove(pace->by_name, one->name);
	list_remove(&one->link);
	free(one->name);
	free(one);
}

void
inbound_pace_free(struct inbound_pace *pace)
{
	if (!pace)
		return;
	LIST_EACH (at, &pace->all, after)
		forget(pace, LIST_ENTRY(at, struct one, link));
	map_free(pace->by_name);
	free(pace);
}

static struct one *
find(struct inbound_pace *pace, const char *name, double tokens,
	int64_t mono_ms)
{
	struct one *one = map_get(pace->by_name, name);
	if (one) {
		list_remove(&one->link);
		list_add(&pace->all, &one->link);
		return one;
	}
	if (map_count(pace->by_name) >= pace->max)
		forget(pace, LIST_ENTRY(pace->all.next, struct one, link));
	one = mem_zalloc(sizeof(*one));
	one->name = mem_dup(name);
	one->tokens = tokens;
	one->at_ms = mono_ms;
	list_add(&pace->all, &one->link);
	map_put(pace->by_name, name, one);
	return one;
}

int
inbound_pace_wait_s(struct inbound_pace *pace, const char *name, int64_t rate,
	int64_t mono_ms)
{
	double limit = (double)rate;
	if (rate == 0)
		return 0;
	struct one *one = find(pace, name, limit, mono_ms);
	one->tokens += (double)(mono_ms - one->at_ms) * limit / MINUTE_MS;
	one->at_ms = mono_ms;
	if (one->tokens > limit)
		one->tokens = limit;
	if (one->tokens < 1.)
		return (int)((1. - one->tokens) * 60. / limit) + 1;
	one->tokens -= 1.;
	return 0;
}
