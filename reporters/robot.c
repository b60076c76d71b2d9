#include "reporters/robot.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/http/url.h"
#include "conf/zone.h"

enum {
	KEYWORD_MAX = 100,
};

void
robot_check(const struct robot_settings *settings,
	const struct robot_kind *kind, struct conf_reader *reader)
{
	struct err err;
	reporter_check_url(&settings->url, reader);
	if (settings->mention
		&& !robot_people_check(settings->mention, kind, &err))
		conf_reject(reader, "mention", "%s", err.text);
	if (settings->keyword && strlen(settings->keyword) > KEYWORD_MAX)
		conf_reject(reader, "keyword", "expected at most %d bytes",
			KEYWORD_MAX);
	if (settings->time_zone)
		conf_zone_check(settings->time_zone, reader);
}

void
robot_destroy(struct reporter *reporter)
{
	struct robot *robot = (struct robot *)reporter;
	arena_free(robot->arena);
	free(robot);
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
		|| !words_choose(&robot->words, settings->language,
			settings->time_zone, robot->arena, err)) {
		robot_destroy(&robot->base);
		return NULL;
	}
	robot->base.audience = AUDIENCE_ALL;
	robot->base.id = reporter_id(
		kind->type, settings->name, reporter_hash_url(&settings->url));
	return &robot->base;
}

struct reporter_limit
robot_limit(const struct reporter *reporter)
{
	const struct robot *robot = (const struct robot *)reporter;
	return reporter_limit_of(
		robot->settings->rate_limit, robot->kind->burst);
}

void
robot_send(const struct robot *robot, const struct reporter_context *context,
	const char *url, const char *body, struct reporter_step *step)
{
	reporter_post_json(
		context, url, body, robot->settings->timeout_ms, step);
}
