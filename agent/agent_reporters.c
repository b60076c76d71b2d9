#include "agent/agent_reporters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "conf/chat.h"
#include "conf/conf.h"
#include "conf/settings.h"
#include "reporters/reporter.h"

static bool
id_is_taken(const struct agent_reporters *reporters, const char *id)
{
	for (size_t i = 0; i < reporters->count; i++) {
		if (str_eq(reporters->items[i]->id, id))
			return true;
	}
	return false;
}

/* The first of several that would have one id keeps it; it is the one that an
 * older configuration had. */
static void
make_distinct(const struct agent_reporters *reporters, struct reporter *added)
{
	size_t size = strlen(added->id) + 16;
	char *id = mem_alloc(size);
	str_copy(id, size, added->id);
	for (unsigned n = 2; id_is_taken(reporters, id); n++)
		snprintf(id, size, "%s#%u", added->id, n);
	free(added->id);
	added->id = id;
}

/* The id of a Cachet is its address. */
static void
set_label(struct reporter *reporter)
{
	if (reporter->audience != AUDIENCE_ACTIONS || !reporter->name)
		return;
	const char *type = reporter->type->conf.name;
	size_t size = strlen(type) + strlen(reporter->name) + 2;
	reporter->label = mem_alloc(size);
	snprintf(reporter->label, size, "%s/%s", type, reporter->name);
}

static void
home_free(struct agent_home *home)
{
	reporter_free(home->reporter);
	arena_free(home->arena);
}

static bool
home_make(struct agent_home *home, const struct conf_chosen *chosen,
	struct err *err)
{
	home->arena = arena_new_small();
	home->settings = conf_chosen_copy(chosen, home->arena);
	home->reporter = reporter_new(&home->settings, err);
	if (!home->reporter)
		arena_free(home->arena);
	return home->reporter != NULL;
}

static void
add_home(struct agent_reporters *reporters, const struct agent_home *home)
{
	size_t count = reporters->count + 1;
	reporters->items =
		mem_grow(reporters->items, count, sizeof(struct reporter *));
	reporters->homes =
		mem_grow(reporters->homes, count, sizeof(struct agent_home));
	reporters->items[reporters->count] = home->reporter;
	reporters->homes[reporters->count++] = *home;
}

static bool
add(struct agent_reporters *reporters, const struct conf_chosen *chosen,
	enum route_audience audience, bool named, struct err *err)
{
	struct agent_home home;
	if (!home_make(&home, chosen, err))
		return false;
	home.reporter->audience = audience;
	home.reporter->name = named ? conf_reporter_name(&home.settings) : NULL;
	set_label(home.reporter);
	make_distinct(reporters, home.reporter);
	add_home(reporters, &home);
	return true;
}

/* The webhooks of old belong to their incidents where there are any. */
static bool
add_cachets(struct agent_reporters *reporters, const struct conf_list *list,
	struct err *err)
{
	const struct conf_chosen *items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (add(reporters, &items[i], AUDIENCE_ACTIONS, true, err))
			continue;
		if (list->count == 1)
			return err_prefix(err, "cachet");
		return err_prefix(err, "cachet[%zu]", i);
	}
	return true;
}

static bool
add_webhooks(struct agent_reporters *reporters, const struct conf_list *list,
	enum route_audience audience, struct err *err)
{
	const struct conf_chosen *items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (!add(reporters, &items[i], audience, false, err))
			return err_prefix(err, "webhooks[%zu]", i);
	}
	return true;
}

static bool
add_named(struct agent_reporters *reporters, const struct conf_list *list,
	struct err *err)
{
	const struct conf_chosen *items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (!add(reporters, &items[i], AUDIENCE_ALL, true, err))
			return err_prefix(err, "reporters[%zu]", i);
	}
	return true;
}

static void
hear_presses(struct agent_reporters *reporters, const struct conf *conf)
{
	bool hears = conf_chat_hears_buttons(conf);
	for (size_t i = 0; i < reporters->count; i++) {
		struct reporter *reporter = reporters->items[i];
		reporter->hears_presses = hears && reporter->type->is_chat;
	}
}

bool
agent_reporters_init(struct agent_reporters *reporters, const struct conf *conf,
	struct err *err)
{
	*reporters = (struct agent_reporters){ 0 };

	enum route_audience webhooks =
		conf->cachets.count > 0 ? AUDIENCE_INCIDENTS : AUDIENCE_ALL;
	if (!add_cachets(reporters, &conf->cachets, err)
		|| !add_webhooks(reporters, &conf->webhooks, webhooks, err)
		|| !add_named(reporters, &conf->reporters, err))
		goto fail;
	hear_presses(reporters, conf);
	return true;

fail:
	agent_reporters_finish(reporters);
	return false;
}

static size_t
index_of(const struct agent_reporters *reporters, const char *id)
{
	size_t i = 0;
	while (i < reporters->count && !str_eq(reporters->items[i]->id, id))
		i++;
	return i;
}

static bool
says_the_same(const struct agent_home *a, const struct agent_home *b)
{
	const char *name_a = a->reporter->name;
	const char *name_b = b->reporter->name;
	return a->reporter->audience == b->reporter->audience
		&& a->reporter->hears_presses == b->reporter->hears_presses
		&& (name_a && name_b ? str_eq(name_a, name_b)
				     : name_a == name_b)
		&& conf_chosen_same(&a->settings, &b->settings);
}

bool
agent_reporters_succeed(struct agent_reporters *reporters,
	const struct agent_reporters *former, const struct conf *conf,
	struct err *err)
{
	if (!agent_reporters_init(reporters, conf, err))
		return false;
	for (size_t i = 0; i < reporters->count; i++) {
		struct agent_home *home = &reporters->homes[i];
		size_t before = index_of(former, home->reporter->id);
		if (before == former->count
			|| !says_the_same(home, &former->homes[before]))
			continue;
		home_free(home);
		*home = former->homes[before];
		reporters->items[i] = home->reporter;
	}
	return true;
}

struct reporter *
agent_reporters_find(const struct agent_reporters *reporters, const char *id)
{
	size_t i = index_of(reporters, id);
	return i < reporters->count ? reporters->items[i] : NULL;
}

static bool
lives_in(const struct agent_reporters *reporters,
	const struct reporter *reporter)
{
	for (size_t i = 0; i < reporters->count; i++)
		if (reporters->items[i] == reporter)
			return true;
	return false;
}

void
agent_reporters_leave(
	struct agent_reporters *reporters, const struct agent_reporters *others)
{
	for (size_t i = 0; i < reporters->count; i++)
		if (!lives_in(others, reporters->items[i]))
			home_free(&reporters->homes[i]);
	free(reporters->items);
	free(reporters->homes);
	*reporters = (struct agent_reporters){ 0 };
}

/* The retired. */

static void
retire(struct agent_reporters *reporters, const struct agent_home *home)
{
	reporters->retired = mem_grow(reporters->retired,
		reporters->n_retired + 1, sizeof(struct agent_home));
	reporters->retired[reporters->n_retired++] = *home;
}

void
agent_reporters_take_over(
	struct agent_reporters *reporters, struct agent_reporters *next)
{
	for (size_t i = 0; i < reporters->count; i++)
		if (!lives_in(next, reporters->items[i]))
			retire(reporters, &reporters->homes[i]);
	free(reporters->items);
	free(reporters->homes);
	reporters->items = next->items;
	reporters->homes = next->homes;
	reporters->count = next->count;
	*next = (struct agent_reporters){ 0 };
}

void
agent_reporters_let_go(
	struct agent_reporters *reporters, const struct reporter *reporter)
{
	for (size_t i = 0; i < reporters->n_retired; i++) {
		if (reporters->retired[i].reporter != reporter)
			continue;
		home_free(&reporters->retired[i]);
		reporters->retired[i] =
			reporters->retired[--reporters->n_retired];
		return;
	}
}

void
agent_reporters_finish(struct agent_reporters *reporters)
{
	for (size_t i = 0; i < reporters->n_retired; i++)
		home_free(&reporters->retired[i]);
	free(reporters->retired);
	agent_reporters_leave(reporters, &(struct agent_reporters){ 0 });
}
