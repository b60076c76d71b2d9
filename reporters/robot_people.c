#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "reporters/robot.h"

enum {
	PEOPLE_MAX = 40, /* of one list */
	PERSON_MAX = 64, /* bytes */
	DIGITS_MIN = 7, /* of a mobile number */
	DIGITS_MAX = 17,
};

static const char USUAL[] = "DEFAULT";
static const char SEPARATORS[] = ", \t\r\n";

const struct conf_shape robot_mention_shape = {
	.what = "a list of people; or a map of such lists by name, tag or "
		"service, with DEFAULT for the rest",
	.number = true,
	.map = true,
	.list = true,
};

struct person {
	bool is_mobile;
	const char *id;
};

static bool
looks_mobile(const char *text)
{
	size_t len = strlen(text);
	size_t plus = *text == '+' ? 1 : 0;
	return len - plus >= DIGITS_MIN && len - plus <= DIGITS_MAX
		&& strspn(text + plus, "0123456789-") == len - plus;
}

static bool
is_everybody(const char *text)
{
	return str_ieq(text, "all") || str_ieq(text, "everybody")
		|| str_eq(text, "所有人");
}

/* Nothing in an id can leave the place where it is put. */
static bool
is_clean(const char *id)
{
	size_t len = strlen(id);
	return len > 0 && len <= PERSON_MAX
		&& strspn(id,
			   "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789_-.+@")
		== len;
}

static bool
read_person(const char *text, const struct robot_kind *kind,
	struct person *person, struct err *err)
{
	bool is_user = str_starts(text, "user:");
	person->is_mobile = str_starts(text, "mobile:");
	if (is_user)
		text += strlen("user:");
	else if (person->is_mobile)
		text += strlen("mobile:");
	else if (*text == '@')
		text++;
	person->id = text;
	person->is_mobile |= !is_user && looks_mobile(text);
	if (is_everybody(text))
		return err_set(err,
			"\"%s\" is nobody's id; `mention_all: true` is for "
			"everybody",
			text);
	if (!is_clean(text))
		return err_set(err,
			"expected people's ids or mobile numbers, got "
			"\"%.80s\"",
			text);
	if (person->is_mobile && !kind->mobiles)
		return err_set(err,
			"%s does not mention by mobile number (%s), but by %s",
			kind->who, text, kind->how_to_mention);
	return true;
}

/* Each person in a scalar, which may hold several as a variable does; false
 * after an error. */
typedef bool on_person_fn(void *cookie, const char *text, struct err *err);

static bool
each_in_text(const char *text, on_person_fn *on_person, void *cookie,
	struct err *err)
{
	for (;;) {
		text += strspn(text, SEPARATORS);
		if (*text == '\0')
			return true;
		char person[PERSON_MAX * 2];
		size_t len = strcspn(text, SEPARATORS);
		size_t room = len < sizeof(person) ? len + 1 : sizeof(person);
		str_copy(person, room, text);
		if (!on_person(cookie, person, err))
			return false;
		text += len;
	}
}

static bool
is_scalar(const struct conf_node *node)
{
	return node->kind == CONF_NODE_TEXT || node->kind == CONF_NODE_INT;
}

static bool
each_person(const struct conf_node *list, on_person_fn *on_person, void *cookie,
	struct err *err)
{
	if (is_scalar(list))
		return each_in_text(list->text, on_person, cookie, err);
	if (list->kind == CONF_NODE_NULL)
		return true;
	if (list->kind != CONF_NODE_LIST)
		return err_set(err, "expected a list of people");
	for (size_t i = 0; i < list->count; i++) {
		if (!is_scalar(&list->items[i]))
			return err_set(
				err, "expected people's ids or mobile numbers");
		if (!each_in_text(list->items[i].text, on_person, cookie, err))
			return false;
	}
	return true;
}

/* At load. */

struct census {
	const struct robot_kind *kind;
	size_t n;
};

static bool
on_checked(void *cookie, const char *text, struct err *err)
{
	struct census *census = cookie;
	struct person person;
	if (++census->n > PEOPLE_MAX)
		return err_set(err, "expected at most %d people in a list",
			PEOPLE_MAX);
	return read_person(text, census->kind, &person, err);
}

bool
robot_people_check(const struct conf_node *mention,
	const struct robot_kind *kind, struct err *err)
{
	struct census census = { .kind = kind };
	if (mention->kind != CONF_NODE_MAP)
		return each_person(mention, on_checked, &census, err);
	for (size_t i = 0; i < mention->count; i++) {
		struct err inner;
		census.n = 0;
		if (!each_person(
			    &mention->items[i], on_checked, &census, &inner))
			return err_set(
				err, "%s: %s", mention->keys[i], inner.text);
	}
	return true;
}

/* For what happened. */

struct gathering {
	const struct robot_kind *kind;
	struct arena *arena;
	const char **mobiles;
	const char **users;
	struct robot_people *people;
};

static void
add(const char **ids, size_t *n, const char *id, struct arena *arena)
{
	for (size_t i = 0; i < *n; i++)
		if (str_eq(ids[i], id))
			return;
	if (*n < PEOPLE_MAX)
		ids[(*n)++] = arena_dup(arena, id);
}

static bool
on_gathered(void *cookie, const char *text, struct err *err)
{
	struct gathering *gathering = cookie;
	struct robot_people *people = gathering->people;
	struct person person;
	if (!read_person(text, gathering->kind, &person, err))
		return false;
	if (person.is_mobile)
		add(gathering->mobiles, &people->n_mobiles, person.id,
			gathering->arena);
	else
		add(gathering->users, &people->n_users, person.id,
			gathering->arena);
	return true;
}

/* The first key that fits, in the order in which they are written. */
static const struct conf_node *
list_for(const struct conf_node *mention, const struct event *event)
{
	const struct conf_node *usual = NULL;
	if (mention->kind != CONF_NODE_MAP)
		return mention;
	for (size_t i = 0; i < mention->count; i++) {
		const char *key = mention->keys[i];
		if (str_eq(key, USUAL))
			usual = &mention->items[i];
		else if (str_ieq(key, event->endpoint.name)
			|| event_bears(&event->endpoint, key))
			return &mention->items[i];
	}
	return usual;
}

struct robot_people
robot_people_for(
	const struct robot *robot, const struct reporter_context *context)
{
	const struct conf_node *mention = robot->settings->mention;
	if (context->event->kind == EVENT_DIGEST)
		return (struct robot_people){ 0 };
	struct robot_people people = { .all = robot->settings->mention_all };
	size_t size = PEOPLE_MAX * sizeof(const char *);
	struct gathering gathering = {
		.kind = robot->kind,
		.arena = context->arena,
		.mobiles = arena_alloc(context->arena, size),
		.users = arena_alloc(context->arena, size),
		.people = &people,
	};
	for (size_t i = 0; mention && i <= context->n_more; i++) {
		const struct conf_node *list = list_for(mention,
			i == 0 ? context->event : &context->more[i - 1]);
		struct err ignored; /* it was tried at load */
		if (list)
			each_person(list, on_gathered, &gathering, &ignored);
	}
	people.mobiles = gathering.mobiles;
	people.users = gathering.users;
	return people;
}
