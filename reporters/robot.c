#include "reporters/robot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/url.h"

enum {
	KEYWORD_MAX = 100,
};

void
robot_check(const struct robot_settings *settings,
	const struct robot_kind *kind, struct conf_reader *reader)
{
	const char *ignored;
	struct err err;
	if (settings->url.text
		&& !url_normalise(
			settings->url.text, conf_arena(reader), &ignored, &err))
		conf_reject(reader, "url", "%s", err.text);
	if (settings->mention
		&& !robot_people_check(settings->mention, kind, &err))
		conf_reject(reader, "mention", "%s", err.text);
	if (settings->keyword && strlen(settings->keyword) > KEYWORD_MAX)
		conf_reject(reader, "keyword", "expected at most %d bytes",
			KEYWORD_MAX);
	if (settings->time_zone)
		conf_zone_check(settings->time_zone, reader);
}

static char *
id_of(const struct robot_settings *settings, const char *type)
{
	char hash[17];
	const struct conf_source *url = &settings->url;
	const char *name = settings->name;
	if (!name || *name == '\0') {
		snprintf(hash, sizeof(hash), "%016" PRIx64,
			hash_text(url->raw ? url->raw : url->text));
		name = hash;
	}
	size_t size = strlen(type) + strlen(name) + 2;
	char *id = mem_alloc(size);
	snprintf(id, size, "%s/%s", type, name);
	return id;
}

void
robot_destroy(struct reporter *reporter)
{
	struct robot *robot = (struct robot *)reporter;
	arena_free(robot->arena);
	free(robot);
}

static bool
take_words(struct robot *robot, struct err *err)
{
	const char *zone = robot->settings->time_zone;
	robot->words.language = robot->settings->language;
	if (zone)
		robot->words.zone = conf_zone_find(zone, robot->arena, err);
	return !zone || robot->words.zone;
}

struct reporter *
robot_create(const struct robot_settings *settings,
	const struct robot_kind *kind, struct err *err)
{
	struct robot *robot = mem_zalloc(sizeof(*robot));
	robot->kind = kind;
	robot->settings = settings;
	robot->arena = arena_new();
	const char *text = settings->url.text ? settings->url.text : "";
	if (!url_normalise(text, robot->arena, &robot->url, err)
		|| !take_words(robot, err)) {
		robot_destroy(&robot->base);
		return NULL;
	}
	robot->base.audience = AUDIENCE_ALL;
	robot->base.id = id_of(settings, kind->type);
	return &robot->base;
}

void
robot_plan(const struct reporter *reporter, const struct event *event,
	struct reporter_plan *plan)
{
	(void)reporter;
	if (event->kind == EVENT_BASELINE)
		return;
	plan->n = 1;
	plan->parts[0].kind = PART_EVENT;
	str_copy(plan->parts[0].lane, sizeof(plan->parts[0].lane), "message");
}

struct reporter_limit
robot_limit(const struct reporter *reporter, unsigned burst)
{
	const struct robot *robot = (const struct robot *)reporter;
	unsigned count = (unsigned)robot->settings->rate_limit;
	return (struct reporter_limit){
		.limit = { count, ROBOT_MINUTE_MS,
			burst < count ? burst : count },
		.is_set = true,
	};
}

void
robot_send(const struct robot *robot, const struct reporter_context *context,
	const char *url, const char *body, struct reporter_step *step)
{
	int64_t timeout_ms = robot->settings->timeout_ms;
	reporter_post_json(context, url, body, step);
	step->request.total_ms = timeout_ms;
	if (step->request.connect_ms > timeout_ms)
		step->request.connect_ms = timeout_ms;
}
