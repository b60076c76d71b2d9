#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/hash.h"
#include "agent/base/str.h"
#include "agent/inbound/parts.h"

static inbound_reader_fn *const readers[] = {
	[CONF_INBOUND_ALERTMANAGER] = inbound_alertmanager,
	[CONF_INBOUND_CLOUDMONITOR] = inbound_cloudmonitor,
	[CONF_INBOUND_EVENTBRIDGE] = inbound_eventbridge,
	[CONF_INBOUND_GCP] = inbound_gcp,
	[CONF_INBOUND_GENERIC] = inbound_generic,
	[CONF_INBOUND_SNS] = inbound_sns,
};

const char *
inbound_header(const struct inbound_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (str_ieq(request->headers[i].name, name))
			return request->headers[i].value;
	return NULL;
}

static void
cut(struct arena *arena, const char **text, size_t max)
{
	if (strlen(*text) <= max)
		return;
	char *shorter = arena_alloc(arena, max + 1);
	str_copy(shorter, max + 1, *text);
	*text = shorter;
}

/* Two that differ late only must not become one. */
static void
cut_distinct(struct arena *arena, const char **text, size_t max)
{
	enum {
		TAIL = 17,
	};
	if (strlen(*text) <= max)
		return;
	uint64_t hash = hash_text(*text);
	cut(arena, text, max - TAIL);
	*text = arena_printf(
		arena, "%s#%016llx", *text, (unsigned long long)hash);
}

/* It becomes a name: one line, without what a terminal would obey. */
static const char *
one_line(struct arena *arena, const char *text)
{
	char *line = arena_dup(arena, text);
	for (char *at = line; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	return line;
}

static int
by_name(const void *a, const void *b)
{
	const struct problem_label *one = a;
	const struct problem_label *other = b;
	int order = strcmp(one->name, other->name);
	return order != 0 ? order : strcmp(one->value, other->value);
}

static void
bound(struct arena *arena, struct problem *problem)
{
	problem->subject = one_line(arena, problem->subject);
	problem->title = one_line(arena, problem->title);
	cut_distinct(arena, &problem->subject, INBOUND_SUBJECT_MAX);
	cut_distinct(arena, &problem->identity, INBOUND_IDENTITY_MAX);
	cut_distinct(arena, &problem->delivery, INBOUND_IDENTITY_MAX);
	cut(arena, &problem->title, INBOUND_TITLE_MAX);
	cut(arena, &problem->text, INBOUND_TEXT_MAX);
	cut(arena, &problem->link, INBOUND_LINK_MAX);
	cut(arena, &problem->severity, INBOUND_LABEL_MAX);
	cut(arena, &problem->service, INBOUND_LABEL_MAX);
	cut(arena, &problem->category, INBOUND_LABEL_MAX);
	cut(arena, &problem->account, INBOUND_LABEL_MAX);
	cut(arena, &problem->region, INBOUND_LABEL_MAX);
	if (problem->n_labels > 0)
		qsort(problem->labels, problem->n_labels,
			sizeof(problem->labels[0]), by_name);
	for (size_t i = 0; i < problem->n_labels; i++) {
		cut(arena, &problem->labels[i].name, INBOUND_LABEL_MAX);
		cut(arena, &problem->labels[i].value, INBOUND_LABEL_MAX);
	}
}

/* What they left out. */
static void
complete(struct problem *problem)
{
	if (*problem->subject == '\0')
		problem->subject =
			*problem->identity ? problem->identity : "unnamed";
	if (*problem->identity == '\0')
		problem->identity = problem->subject;
	if (*problem->title == '\0')
		problem->title = problem->subject;
}

void
inbound_read(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	*answer = (struct inbound_answer){ .arena = answer->arena };
	readers[request->source->type](request, answer);
	for (size_t i = 0; i < answer->n_problems; i++) {
		complete(&answer->problems[i]);
		bound(answer->arena, &answer->problems[i]);
	}
}
