#include <string.h>
#include <strings.h>

#include "agent/agent_internal.h"
#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/external.h"
#include "agent/operator_internal.h"
#include "conf/conf.h"
#include "conf/inbound.h"
#include "conf/suggest.h"

struct search {
	const struct agent *agent;
	const char *form;
	struct conf_suggestion near;
	const char *hits[2]; /* the first ones */
	size_t n;
};

/* Exactly. */

static bool
is_subject(const struct agent *agent, const char *name)
{
	struct external_subject subject;
	return externals_named(agent->externals, name, &subject);
}

static bool
is_there(const struct agent *agent, unsigned where, const char *name)
{
	if (*name == '\0')
		return false;
	return ((where & OPERATOR_MONITORED)
		       && (monitors_named(agent->monitors, name)
			       || is_subject(agent, name)))
		|| ((where & OPERATOR_REMOVED)
			&& orders_removed(agent->orders, name))
		|| ((where & OPERATOR_MUTED)
			&& orders_find(agent->orders, STORE_ORDER_MUTED, name));
}

/* Loosely: whatever the case, with and without a scheme or a slash at the end,
 * and of what other monitors watch without their names. */

static const char *
skip_scheme(const char *text)
{
	if (str_istarts(text, "http://"))
		return text + strlen("http://");
	return str_istarts(text, "https://") ? text + strlen("https://") : text;
}

static size_t
length_of(const char *text)
{
	size_t len = strlen(text);
	return len > 1 && text[len - 1] == '/' ? len - 1 : len;
}

static bool
is_like(const char *a, const char *b)
{
	a = skip_scheme(a);
	b = skip_scheme(b);
	size_t len = length_of(a);
	return len == length_of(b) && strncasecmp(a, b, len) == 0;
}

static void
consider(struct search *search, const char *name, const char *subject)
{
	conf_suggest(&search->near, name);
	if (subject)
		conf_suggest(&search->near, subject);
	if (!is_like(name, search->form)
		&& !(subject && is_like(subject, search->form)))
		return;
	for (size_t i = 0; i < search->n && i < 2; i++)
		if (str_eq(search->hits[i], name))
			return;
	if (search->n < 2)
		search->hits[search->n] = name;
	search->n++;
}

/* What stands behind "SOURCE/"; NULL for one of our own. */
static const char *
subject_in(const struct agent *agent, const char *name)
{
	const struct conf_inbound *sources = agent->conf->inbound.items;
	const char *slash = strchr(name, '/');
	for (size_t i = 0; slash && i < agent->conf->inbound.count; i++) {
		size_t len = strlen(sources[i].name);
		if (len == (size_t)(slash - name)
			&& strncmp(sources[i].name, name, len) == 0)
			return slash + 1;
	}
	return NULL;
}

static void
on_order(void *cookie, const struct store_order *order)
{
	struct search *search = cookie;
	if (*order->name != '\0')
		consider(search, order->name,
			subject_in(search->agent, order->name));
}

static void
consider_all(struct search *search, unsigned where)
{
	const struct agent *agent = search->agent;
	size_t n =
		where & OPERATOR_MONITORED ? monitors_size(agent->monitors) : 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct monitor *monitor = monitors_at(agent->monitors, i);
		if (monitor)
			consider(search, monitor->conf->name, NULL);
	}
	n = where & OPERATOR_MONITORED ? externals_count(agent->externals) : 0;
	for (size_t i = 0; i < n; i++) {
		const char *name = externals_at(agent->externals, i).name;
		consider(search, name, strchr(name, '/') + 1);
	}
	if (where & OPERATOR_REMOVED)
		orders_each(
			agent->orders, STORE_ORDER_REMOVED, on_order, search);
	if (where & OPERATOR_MUTED)
		orders_each(agent->orders, STORE_ORDER_MUTED, on_order, search);
}

/* Both. */

static void
refuse(const struct operator_task *task, const struct search *search,
	struct operator_found *found)
{
	const char *near = search->near.best;
	found->outcome = search->n > 1 ? "which" : "unknown";
	found->near = near ? arena_dup(task->arena, near) : NULL;
	found->n_hits = search->n;
	for (size_t i = 0; i < search->n && i < 2; i++)
		found->hits[i] = arena_dup(task->arena, search->hits[i]);
}

static const char *
find_name(const struct operator_task *task, unsigned where,
	struct operator_found *found)
{
	const struct command *command = task->command;
	const struct agent *agent = task->desk->agent;
	if (is_there(agent, where, command->whole)) {
		found->whole = true;
		return command->whole;
	}
	if (is_there(agent, where, command->said))
		return command->said;
	if (is_there(agent, where, command->name))
		return command->name;
	struct search search = {
		.agent = agent,
		.form = command->name,
		.near = { .word = command->name },
	};
	consider_all(&search, where);
	if (search.n == 1)
		return search.hits[0];
	refuse(task, &search, found);
	return NULL;
}

bool
operator_find(const struct operator_task *task, unsigned where,
	struct operator_found *found)
{
	*found = (struct operator_found){ 0 };
	const char *name = find_name(task, where, found);
	if (!name)
		return false;
	found->name = arena_dup(task->arena, name);
	found->monitor =
		monitors_named(task->desk->agent->monitors, found->name);
	if (found->whole || task->command->for_ms != COMMAND_TIME_BAD)
		return true;
	found->outcome = "time";
	return false;
}

/* None. */

json_t *
operator_no_time(const struct operator_task *task)
{
	const char *said = task->command->time;
	json_t *answer = operator_say(task, false, "time",
		"\"%.60s\" is no time: say 30m, 2h or 1d, up to a year", said);
	operator_set(answer, "asked", said);
	return answer;
}

static json_t *
which(const struct operator_task *task, const struct operator_found *found)
{
	const char *one = found->hits[0];
	const char *other = found->hits[1];
	json_t *answer = operator_say(task, false, "which",
		"which one: %.100s or %.100s%s? Say its whole name", one, other,
		found->n_hits > 2 ? " or another" : "");
	operator_set(answer, "one", one);
	operator_set(answer, "other", other);
	json_object_set_new(
		answer, "others", json_integer((json_int_t)found->n_hits - 2));
	return answer;
}

json_t *
operator_not_found(const struct operator_task *task, unsigned where,
	const struct operator_found *found)
{
	const char *asked = task->command->name;
	const char *near = found->near;
	bool among_removed = !(where & OPERATOR_MONITORED);
	if (str_eq(found->outcome, "time"))
		return operator_no_time(task);
	if (str_eq(found->outcome, "which"))
		return which(task, found);
	json_t *answer = operator_say(task, false, "unknown",
		"there is no endpoint \"%.100s\"%s%s%.100s%s", asked,
		among_removed ? " among the removed ones" : "",
		near ? "; did you mean \"" : "", near ? near : "",
		near ? "\"?" : "");
	operator_set(answer, "asked", asked);
	if (near)
		operator_set(answer, "near", near);
	json_object_set_new(
		answer, "among_removed", json_boolean(among_removed));
	return answer;
}
