/*
 * A Cachet becomes a configuration.
 *
 *     scrape.c        the verb
 *     scrape_find.c   which Cachet answers, and where its API is
 *     scrape_read.c   all pages of its components, groups and metrics
 *     scrape_plan.c   names, order, metrics: what becomes of each component
 *     scrape_text.c   a new file
 *     scrape_update.c or one that is there
 *     scrape_merge.c  and what is missing in it
 *     scrape_vet.c    options, before anything is asked
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/draft.h"

struct arena;
struct buf;
struct conf;
struct conf_text;
struct err;

struct scrape_group {
	int64_t id, order;
	const char *name;
};

struct scrape_metric {
	int64_t id;
	const char *name, *suffix;
	bool taken; /* by a component of its name */
};

struct scrape_component {
	int64_t id, group_id, order; /* 0 for no group */
	const char *name, *link; /* link: "" for none */
	bool enabled;

	/* As it is planned. */
	const struct scrape_group *group;
	const char *trouble; /* why it cannot be probed; NULL: it can */
	const char *endpoint; /* its name in the configuration */
	const struct scrape_metric *metric; /* that it feeds; or NULL */
	const struct scrape_metric *other; /* of its name, but no time */
	const char *unit; /* of `metric` */
	bool left_out; /* it was not asked for */
};

/** Everything that a Cachet has to tell. */
struct scrape {
	struct arena *arena;
	const char *api_url; /* the root of the API that answered */
	struct scrape_component *components;
	size_t n_components;
	struct scrape_group *groups;
	size_t n_groups;
	struct scrape_metric *metrics;
	size_t n_metrics;
	size_t n_odd; /* entries that make no sense */
};

/** How to ask. */
struct scrape_source {
	const char *url;
	const char *token; /* NULL for none */
	const char *ca_file; /* NULL: who is trusted usually */
	bool insecure; /* any certificate of it is good */
	int64_t patience_ms; /* with what passes, for each request */
	bool progress; /* on stderr is a terminal */
};

/**
 * Asks for all of it; says on stderr what keeps it waiting.  False with one
 * sentence.
 */
bool cli_scrape_read(struct scrape *scrape, const struct scrape_source *source,
	struct arena *arena, struct err *err);

/** What each endpoint gets; the values are checked once all is written. */
struct scrape_defaults {
	const char *method, *status_range, *incident, *timeout, *allowed_fails,
		*action, *public_incidents, *frequency;
	const char *group; /* only of this one, by name or number; or NULL */
	bool metrics;
};

/** False: one sentence about the option that makes no sense. */
bool cli_scrape_vet(const struct scrape_defaults *defaults, struct arena *arena,
	struct err *err);

/** Names, order and metrics.  `taken` has names that are in use; or NULL. */
bool cli_scrape_plan(struct scrape *scrape,
	const struct scrape_defaults *defaults, const struct conf *taken,
	struct err *err);

/** What stands in the file for a component that can be probed. */
void cli_scrape_endpoint(const struct scrape *scrape,
	const struct scrape_component *component,
	const struct scrape_defaults *defaults,
	struct conf_draft_endpoint *endpoint);

/** How many can be probed and are not disabled. */
size_t cli_scrape_usable(const struct scrape *scrape);

/** What stands in the section `cachet`, apart from its address. */
struct scrape_access {
	const char *inline_token; /* NULL: a provider is written */
	const char *ca_file;
	bool insecure;
};

void cli_scrape_cachet_section(struct buf *out, const struct scrape *scrape,
	const struct scrape_access *access);

void cli_scrape_text(struct buf *out, const struct scrape *scrape,
	const struct scrape_defaults *defaults,
	const struct scrape_access *access);

/** A file that is there. */
struct scrape_merge {
	const char *path;
	const struct conf_text *old;
	const struct conf *conf; /* what `old` says */
	const char *cachet; /* its name, of several; NULL: the only one */
	const struct scrape_access *access;
	bool sees_all; /* there was a token */
	struct buf *told; /* what was added, left out, or is gone: lines */

	size_t added, gone; /* as it turned out */
};

/** `text` is `old` and the endpoints that it lacks, all else to the byte. */
bool cli_scrape_merge(struct scrape_merge *merge, const struct scrape *scrape,
	const struct scrape_defaults *defaults, struct conf_text *text,
	struct err *err);

/** To read a Cachet, and to add to a file what that lacks. */
struct scrape_update {
	const char *path;
	struct arena *arena;
	const struct scrape_source *source;
	const struct scrape_defaults *defaults;
	const struct scrape_access *access;
	struct scrape *scrape;
};

/** The exit code; all is told. */
int cli_scrape_update(const struct scrape_update *update);

/* Between scrape_find.c and scrape_read.c. */

struct scrape_talk;

/** NULL with a sentence. */
struct scrape_talk *cli_scrape_talk_new(const struct scrape_source *source,
	struct arena *arena, struct err *err);
void cli_scrape_talk_free(struct scrape_talk *talk);

/** Finds the API, and that the token is good. */
bool cli_scrape_talk_begin(
	struct scrape_talk *talk, const char **api_url, struct err *err);
bool cli_scrape_talk_is_3(const struct scrape_talk *talk);

/** Of the last answer; 0 when there was none. */
int cli_scrape_talk_status(const struct scrape_talk *talk);

enum scrape_answer {
	SCRAPE_GOOD = 0,
	SCRAPE_REFUSED, /* this request; another one may be good */
	SCRAPE_FAILED, /* no use in going on */
};

/** The JSON of the answer, for the caller to json_decref(). */
struct json_t;
enum scrape_answer cli_scrape_talk_get(struct scrape_talk *talk,
	const char *path, struct json_t **root, struct err *err);

/** On a terminal; NULL wipes it. */
void cli_scrape_talk_progress(struct scrape_talk *talk, const char *text);
