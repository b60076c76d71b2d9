/*
 * What the robots in the chats of DingTalk, Feishu and WeCom have in common.
 *
 *     robot.c          settings, and a request
 *     robot_people.c   whom a message mentions
 *     robot_text.c     its texts, within what may be sent
 *     robot_answer.c   what an answer means
 *
 * A kind is one file: how its messages look, how it signs, and the tables of
 * what must be escaped and of what it answers.
 */
#pragma once

#include "reporters/fill.h"
#include "reporters/reporter.h"

enum {
	ROBOT_RATE_MAX = 6000, /* requests a minute */
	ROBOT_TITLE_MAX = 500, /* bytes */
	ROBOT_COMPANY_MAX = 20, /* events that a message lists */
};

struct robot_settings {
	const char *name;
	struct conf_source url;
	const char *secret;
	const char *keyword;
	const struct conf_node *mention;
	bool mention_all;
	int64_t timeout_ms;
	int64_t rate_limit;
	int language;
	const char *time_zone;
	const struct fill_template *template;
};

/** One line of what a target answers; the first that fits counts. */
struct robot_answer {
	/* Both must fit; ROBOT_ANY: any code but 0.  A word may be in a text of
	 * the answer, in small letters here. */
	int64_t code;
	const char *word; /* NULL: any text */

	enum reporter_step_kind kind;
	bool limited; /* RETRY: after a minute at least */
	const char *sentence; /* what is wrong, and what would be right */
};

enum {
	ROBOT_ANY = INT32_MIN,
};

#define ROBOT_ENOUGH "it has had enough messages for now"
#define ROBOT_STOPPED "the robot was stopped"
#define ROBOT_EXPELLED "the robot is not in the group any more"
#define ROBOT_KEYWORD_MISSED \
	"the robot asks for a keyword that the message lacks; `keyword` " \
	"should be one of its keywords"

/** What one kind says of itself. */
struct robot_kind {
	const char *type; /* "dingtalk" */
	const char *who; /* "DingTalk" */
	unsigned burst; /* messages that it takes at once */
	bool mobiles; /* people are mentioned by mobile number, too */
	const char *how_to_mention; /* where not: by what else */

	const char
		*codes[2]; /* where an answer has its code; the first counts */
	const char *texts[2]; /* and its text */
	const struct robot_answer *answers; /* ends with a NULL sentence */
};

struct robot {
	struct reporter base;
	const struct robot_kind *kind;
	const struct robot_settings *settings;
	struct arena *arena; /* owns the URL and the clocks */
	const char *url;
	struct words words;
};

/* Settings. */

void robot_check(const struct robot_settings *settings,
	const struct robot_kind *kind, struct conf_reader *reader);

struct reporter *robot_create(const struct robot_settings *settings,
	const struct robot_kind *kind, struct err *err);

void robot_destroy(struct reporter *reporter);

/** As many a minute as the settings say, and at once as the kind does. */
struct reporter_limit robot_limit(const struct reporter *reporter);

/** POST `body` to `url`. */
void robot_send(const struct robot *robot,
	const struct reporter_context *context, const char *url,
	const char *body, struct reporter_step *step);

extern const struct conf_shape robot_mention_shape;

#define ROBOT_URL_ROW(sentence) \
	{ \
		.key = "url", CONF_SOURCE(struct robot_settings, url), \
		.flags = CONF_REQUIRED | CONF_SECRET, .help = (sentence), \
	}
#define ROBOT_SECRET_ROW(sentence) \
	{ \
		.key = "secret", CONF_STRING(struct robot_settings, secret), \
		.flags = CONF_SECRET, .help = (sentence), \
	}
#define ROBOT_KEYWORD_ROW \
	{ \
		.key = "keyword", CONF_STRING(struct robot_settings, keyword), \
		.help = "Stands in each message, as the robot's security " \
			"settings may ask for.", \
	}
#define ROBOT_MENTION_ROW(sentence) \
	{ \
		.key = "mention", CONF_TREE(struct robot_settings, mention), \
		.shape = &robot_mention_shape, .otherwise = "nobody at all", \
		.help = (sentence), \
	}
#define ROBOT_MENTION_ALL_ROW \
	{ \
		.key = "mention_all", \
		CONF_BOOL(struct robot_settings, mention_all), \
		.fallback = "false", \
		.help = "Mention everybody in the group, each time.", \
	}
#define ROBOT_RATE_ROW(usual, sentence) \
	{ \
		.key = "rate_limit", \
		CONF_INT( \
			struct robot_settings, rate_limit, 1, ROBOT_RATE_MAX), \
		.fallback = (usual), .help = (sentence), \
	}
/* Whom a message mentions. */

struct robot_people {
	const char *const *mobiles;
	size_t n_mobiles;
	const char *const *users;
	size_t n_users;
	bool all;
};

/** Who is to be mentioned for all that the message tells; nobody for a
 * digest. */
struct robot_people robot_people_for(
	const struct robot *robot, const struct reporter_context *context);

/** False, with `err` set: it is no list of people. */
bool robot_people_check(const struct conf_node *mention,
	const struct robot_kind *kind, struct err *err);

/* Texts. */

/** A character that means something, and what stands for it. */
struct robot_escape {
	char c; /* '\0' ends the table */
	const char *with;
};

/**
 * Clean UTF-8 without control characters but line ends, in which the
 * characters of `escapes` are replaced, and no line begins with what markdown
 * takes for a heading, a quotation or a list.
 */
const char *robot_escaped(const char *text, const struct robot_escape *escapes,
	struct arena *arena);

/** The same on one line, for places that know no markdown. */
const char *robot_plain(const char *text, struct arena *arena);

/** The texts of a message, of which `text` is NULL without a template. */
struct robot_message {
	const char *title; /* as it is, on one line, with the keyword */
	const char *heading; /* escaped, with the keyword */
	const char *text; /* filled in and escaped */
	const char *message; /* what was seen, escaped; "" for nothing; or
		lines, of several events */
	const char *seen; /* the same as it is */
	size_t n_facts;
	struct words_fact facts[WORDS_FACTS_MAX]; /* escaped */
	struct robot_people people;
};

/**
 * A kind's way to write a message: where its body is, and how long it is in
 * the measure of its limit.
 */
typedef size_t robot_compose_fn(const struct robot *robot,
	const struct reporter_context *context,
	const struct robot_message *message, const char **body);

/**
 * The body, of which what was seen is cut until it is within `max`, and if that
 * does not do, its facts are left out.  `escape` is for all that is not ours.
 */
const char *robot_compose(const struct robot *robot,
	const struct reporter_context *context, fill_escape_fn *escape,
	robot_compose_fn *compose, size_t max);

/** The keyword is asked for, and is not in the text. */
bool robot_lacks_keyword(const struct robot *robot, const char *text);

/** How it is, for a colour: STATUS_UNKNOWN for what is neither good nor bad. */
enum status robot_mood(const struct reporter_context *context);

/* Answers. */

/**
 * What the answer means.  To the carry, which is the kind's, question marks are
 * added for answers that are not understood.
 */
void robot_judge(const struct robot *robot,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step);

/** The code of the answer; false when it has none. */
bool robot_code(const struct robot_kind *kind,
	const struct http_response *answer, int64_t *code);

/** The answer has this code, and this word in its text unless that is NULL. */
bool robot_answered(const struct robot_kind *kind,
	const struct http_response *answer, int64_t code, const char *word);
