/*
 * Cachet 2.3, 2.4 and 3.x as a receiver: incidents, components and metrics.
 *
 *     cachet.c            settings, plan, and which of these steps it is
 *     cachet_token.c      where the token comes from
 *     cachet_generation.c which Cachet it is
 *     cachet_limit.c      how often it may be asked
 *     cachet_open.c       an incident is created, exactly once
 *     cachet_close.c      an incident is fixed
 *     cachet_change.c     it became better or worse
 *     cachet_late.c       what is told late, and outages that are over by then
 *     cachet_leftover.c   incidents that a forgotten past left open
 *     cachet_component.c  a component is brought into line
 *     cachet_point.c      a metric gets a point
 *     cachet_undo.c       an incident is taken back
 *     cachet_vet.c        what is asked at start
 *     cachet_job.c        what these share: a step under way, and its carry
 *     cachet_look.c       which of Cachet's incidents are ours
 *     cachet_twin.c       which others are, where there are no marks
 *     cachet_list.c       all that it shows, page by page
 *     cachet_mend.c       an incident that it shows wrongly is set right
 *     cachet_call.c       requests, and what answers mean
 *     cachet_way.c        what its requests have in common, by its settings
 *     cachet_text.c       text that Cachet 2 does not mangle
 */
#pragma once

#include <jansson.h>

#include "agent/model/token.h"
#include "reporters/reporter.h"
#include "reporters/view.h"

struct conf_node;
struct conf_reader;

extern const struct reporter_type cachet_type;

enum {
	CACHET_INVESTIGATING = 1, /* of an incident */
	CACHET_FIXED = 4,
	CACHET_LIST = 50, /* incidents that a look sees */
	CACHET_IDS = CACHET_LIST + 1,
	CACHET_SHOWN_MIXED = 9, /* creations set the component to several */
};

/** They differ in their paths, their JSON, and in what a write does. */
enum cachet_generation {
	CACHET_AUTO = 0, /* to be found out */
	CACHET_2_3,
	CACHET_2_4,
	CACHET_3,
};

/** How to get there, beside the address. */
struct cachet_way {
	struct conf_list headers; /* struct conf_pair; none is empty */
	const char *ca_file; /* NULL: who is trusted usually */
	bool insecure;
};

struct cachet {
	struct reporter base;
	struct arena *arena; /* owns the texts */
	const char *api_url; /* no slash at its end */
	struct token_source source;
	enum cachet_generation version; /* as it is set */

	/* Of this step: NULL and 0 outside of steps. */
	const char *token;
	enum cachet_generation generation;
	const char *root; /* of its paths; no slash at its end */

	struct cachet_way way;
	int64_t timeout_ms;
	int64_t rate_limit; /* requests a minute; 0: as it publishes */
	bool notify;
	bool silent;
	bool tells_changes;
};

/* In the words of cachet-url-monitor. */
#define CACHET_MISSING "Missing cachet mandatory fields: "

/* cachet_token.c */

/* It goes before one text in the file, but not before a list. */
#define CACHET_ENV_TOKEN "CACHET_TOKEN"

/** A provider, for the reference. */
extern const struct conf_section cachet_provider_section;

/**
 * Complain of all that is wrong with the value of `token:`; NULL: none.  `env`
 * is what the environment says instead of one text, or NULL.
 */
void cachet_token_check(const struct conf_node *node, const char *env,
	struct conf_reader *reader);

/** Read it.  `source` points into `arena` and into the document. */
bool cachet_token_read(const struct conf_node *node, const char *env,
	struct arena *arena, struct token_source *source, struct err *err);

/* cachet_way.c */

/** Complain of all that is wrong with these keys. */
void cachet_way_check(const struct cachet_way *way, struct conf_reader *reader);

/** Set it in a request: `own` are its headers, with room for those of the
 * way after them. */
void cachet_way_take(const struct cachet_way *way, struct http_header *own,
	struct http_request *request);

/** A server's words repeat what a header of ours says. */
bool cachet_way_shows_in(const struct cachet_way *way, const char *words);

/* cachet_generation.c */

/**
 * Set `generation` and `root`, and go on: with `*answer`, which becomes NULL
 * when the step is to begin.  False: `step` is set, to ask the server first.
 */
bool cachet_generation_find(struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response **answer, struct reporter_step *step);

/** As it is set or was found out; CACHET_AUTO before that. */
enum cachet_generation cachet_generation_known(const struct cachet *cachet);

/** A step ended so: when it found no API, or it was only guessed which one it
 * is, find out anew the next time. */
void cachet_generation_doubt(const struct cachet *cachet,
	const struct http_response *answer, const struct reporter_step *step);

/** It keeps what a creation marks its incident with, as far as we know. */
bool cachet_generation_keeps_marks(const struct cachet *cachet);

/** What Cachet 3 is to include in a list of incidents: "&include=...". */
const char *cachet_generation_include(const struct cachet *cachet);

/** True when this answer says that it was too much, and less is asked for from
 * now on. */
bool cachet_generation_ask_less(
	const struct cachet *cachet, const struct http_response *answer);

/* cachet_limit.c */

struct reporter_limit cachet_limit(const struct reporter *reporter);

/* cachet_text.c */

/**
 * The text of a name or of a message: for Cachet 2, which filters what looks
 * like an attack, written so that it stays readable.
 */
json_t *cachet_text(const struct cachet *cachet, const char *text);

/** The same, cut to what Cachet stores of a name. */
json_t *cachet_text_name(const struct cachet *cachet, const char *title);

/** `stored` is how `text` begins, as it is or as Cachet 2 gets it; `whole`: it
 * is all of it. */
bool cachet_text_begins(const char *text, const char *stored, bool whole);

/* cachet_undo.c */

/** Of the context, `ref` alone says which. */
void cachet_undo_step(const struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step);

/* cachet_call.c */

/** `path` begins with a slash. */
void cachet_call_get(const struct cachet *cachet, struct arena *arena,
	const char *path, struct reporter_step *step);

/** `body` is consumed; NULL for none. */
void cachet_call_write(const struct cachet *cachet, struct arena *arena,
	const char *method, const char *path, json_t *body,
	struct reporter_step *step);

/**
 * `data` of a good answer, for the caller to json_decref(); else NULL.  The
 * resources of Cachet 3 look like those of Cachet 2: attributes at the top.
 */
json_t *cachet_call_data(const struct http_response *answer);

/** After a write: it may have had an effect, and we cannot tell. */
bool cachet_call_is_lost(const struct http_response *answer);

/** Cachet has no such thing, or no such route; not: there is no Cachet. */
bool cachet_call_is_missing(const struct http_response *answer);

/** The answer is not what was asked for: retry, rejected or suspended.
 * `undone` is left false: only the caller knows what was at stake. */
void cachet_call_trouble(const struct cachet *cachet,
	const struct http_response *answer,
	const struct reporter_context *context, struct reporter_step *step);

/* cachet_look.c */

/** Ids of incidents in one answer. */
struct cachet_look {
	/** They bear the mark of this event's incident.  Oldest first. */
	int64_t marked[CACHET_LIST];
	size_t n_marked;

	/** Open, and by their mark or title of this endpoint.  Newest first. */
	int64_t open[CACHET_LIST];
	size_t n_open;

	/** As `open`, but without any mark, and saying what this event says:
	 * made when this Cachet kept no marks yet, or seemed to keep none.
	 * Newest first. */
	int64_t alike[CACHET_LIST];
	size_t n_alike;

	/** One of the marked is not fixed. */
	bool has_open_mark;

	/** This Cachet keeps marks. */
	bool has_marks;
};

/** `plainly`: without what a Cachet 3 of 2024 does not know. */
void cachet_look_ask(const struct cachet *cachet, const struct event *event,
	bool plainly, struct arena *arena, struct reporter_step *step);

/** False when the answer is no list of incidents. */
bool cachet_look_read(const struct cachet *cachet,
	const struct http_response *answer, const struct event *event,
	struct cachet_look *look);

/** By the name that we would give it, or by the one that another Cachet got. */
bool cachet_look_is_titled(
	const struct cachet *cachet, const json_t *incident, const char *title);

/** Where an incident stands, 1 to 4; false when that cannot be read. */
bool cachet_look_status(const json_t *incident, int64_t *status);

/** It is not fixed. */
bool cachet_look_is_open(const json_t *incident);

/** Its `meta`, for json_decref(): an empty map is [] in PHP, and the caches of
 * some proxies make it a text. */
json_t *cachet_look_meta(const json_t *incident);

/* cachet_twin.c */

/**
 * Ids of incidents without marks in a list that creations of the same made as
 * well as `id`, which is in the list, too, and bears this event's mark or none.
 * Returns how many.
 */
size_t cachet_twin_read(const struct cachet *cachet,
	const struct http_response *answer, const struct event *event,
	int64_t id, int64_t twins[static CACHET_LIST]);

/* cachet_list.c */

/** See `look` and `owns` of struct reporter_type. */
void cachet_list_step(const struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_view *view,
	struct reporter_step *step);
bool cachet_list_owns(const struct cachet *cachet,
	const struct view_incident *incident,
	const struct event_endpoint *endpoint);

/* cachet_job.c */

/** What the last request was, or what the pause is for. */
enum cachet_stage {
	CACHET_BEGIN = 0,
	CACHET_WAITED, /* an earlier request cannot arrive any more */
	CACHET_LOOKING,
	CACHET_CREATING,
	CACHET_CHECKING,
	CACHET_DROPPING,
	CACHET_VERIFYING,
	CACHET_SWEEPING,
	CACHET_READING,
	CACHET_UPDATING,
	CACHET_CONFIRMING,
	CACHET_KEEPING,
	CACHET_REPLACING,
	CACHET_WRITING,
	CACHET_MENDING,
	CACHET_REOPENING,
	CACHET_LISTING,
};

/** One step of a part.  The last seven are its carry: "verify set 3 100". */
struct cachet_job {
	const struct cachet *cachet;
	const struct reporter_context *context;
	const struct http_response *answer; /* NULL at the beginning */
	struct reporter_step *step;

	enum cachet_stage stage;
	bool doubt; /* a write of before may have had an effect */
	bool plain; /* this Cachet 3 knows no marks: do not ask for them */
	bool fixed; /* what is told of is fixed already */
	bool by_post; /* no PUT gets through to it */
	bool unmarked; /* a creation of ours bears no mark */
	int shown; /* what creations set the component to; 0: there was none */
	int status; /* that an incident is to have: CACHET_FIXED, mostly */
	int64_t ids[CACHET_IDS];
	size_t n_ids;
};

/** Read from `context->carry`; what makes no sense begins anew. */
void cachet_job_init(struct cachet_job *job, const struct cachet *cachet,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step);

/** The carry says `stage` and all else of the job from now on. */
void cachet_job_enter(struct cachet_job *job, enum cachet_stage stage);

/** At the beginning: true when it is too early to look what became of a lost
 * write; the step is set. */
bool cachet_job_waits(struct cachet_job *job);

/** The same for what is about the incidents of the carry. */
bool cachet_job_waits_same(struct cachet_job *job);

/** Look for our incidents. */
void cachet_job_look(struct cachet_job *job, enum cachet_stage stage);

/** The answer to a look: it asked for what this Cachet does not know, and is
 * repeated without. */
bool cachet_job_looks_again(struct cachet_job *job);

/** `body` is consumed. */
void cachet_job_put(struct cachet_job *job, const char *path, json_t *body);

/** The answer to a PUT: what stands before Cachet let none through.  From now
 * on they are POSTs that say what they are meant to be; begin anew. */
bool cachet_job_is_blocked(struct cachet_job *job);

/** The answer to a write is lost: a retry in doubt. */
void cachet_job_lost(struct cachet_job *job);

/** The write was refused and had no effect. */
void cachet_job_refused(struct cachet_job *job);

/** A read failed: later again, unless Cachet refuses us. */
void cachet_job_failed(struct cachet_job *job);

/** With one of the three before: later, from the beginning, and about the same
 * incidents. */
void cachet_job_again(
	struct cachet_job *job, void (*outcome)(struct cachet_job *job));

/** Done, with the id of an incident, or 0. */
void cachet_job_done(struct cachet_job *job, int64_t id);

/** After `done`: the component may not be as it should; mirror it anew. */
void cachet_job_mirror(struct cachet_job *job);

/* cachet_late.c */

/* Before the times of what was over when it was told; no two outages of an
 * endpoint have the same. */
#define CACHET_LATE_FROM "\n\nFrom "

/** Of a creation: when it began, if that is a while ago. */
void cachet_late_date(const struct cachet_job *job, json_t *body);

/** The time zone of that. */
void cachet_late_zone(
	const struct cachet_job *job, struct http_request *request);

/** What is to be said; with its times, if the incident is over. */
const char *cachet_late_text(const struct reporter_context *context);

/** The answer to a look: an incident without a mark that says what we would say
 * of one that is over; 0 for none. */
int64_t cachet_late_find(const struct cachet_job *job);

/* cachet_component.c */

/** The PART_MIRROR lane of the endpoint's component. */
void cachet_component_lane(
	const struct event *event, char lane[static REPORTER_LANE_SIZE]);

/** Cachet has no such component: later again, and nothing else waits for it. */
void cachet_component_unknown(struct cachet_job *job);

/* The steps. */

void cachet_open_step(struct cachet_job *job);
void cachet_close_step(struct cachet_job *job);
void cachet_change_step(struct cachet_job *job);
void cachet_leftover_step(struct cachet_job *job);
void cachet_component_step(struct cachet_job *job);
void cachet_point_step(struct cachet_job *job);
void cachet_vet_step(const struct cachet *cachet,
	const struct event_endpoint *endpoint,
	const struct http_response *answer, char *carry, struct arena *arena,
	struct reporter_step *step);

/* cachet_close.c, also for cachet_change.c, cachet_leftover.c and cachet_mend.c
 */

/** At the beginning: false when there is no incident, and the step is set. */
bool cachet_close_is_told(struct cachet_job *job);

/** What is to be said of it, as this Cachet takes it; for json_decref(). */
json_t *cachet_close_message(const struct cachet_job *job);

/** "It is fixed", or what else job->status says, as an incident update, not to
 * be repeated; or, where there are none, as below. */
void cachet_close_tell(struct cachet_job *job, const char *id);

/** After an update: an older Cachet 3 leaves the incident as it was, */
void cachet_close_confirm(struct cachet_job *job, const char *id);

/** By a change of the incident: read what it would lose, */
void cachet_close_keep(struct cachet_job *job, const char *id);

/** then change it; `incident` is what was read. */
void cachet_close_replace(
	struct cachet_job *job, const char *id, const json_t *incident);

/** The answer to either: the incident is fixed, or it is gone. */
bool cachet_close_is_over(const struct http_response *answer);

/* cachet_mend.c */

/** See `mend` of struct reporter_type, and the step of such a part. */
void cachet_mend_plan(enum reporter_mend mend, int64_t id,
	struct reporter_part *part, char *carry);
void cachet_mend_step(struct cachet_job *job);
