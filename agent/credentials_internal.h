/*
 * What the files of the credentials share.
 *
 *     credentials.c          when to ask, and what is said of it
 *     credentials_search.c   the providers, one after the other
 *     credentials_step.c     how a step ends, and what it looks at
 *     credentials_secret.c   a secret of AWS Secrets Manager
 *     credentials_chain.c    keys for AWS: which place has them
 *     credentials_remote.c   keys from a container or an instance
 *     credentials_file.c     keys from the shared credentials file
 *     credentials_keys.c     keys, and answers that bring them
 *     credentials_here.c     this machine's environment and files
 *
 * All but the first and the last are pure: a step is given the answer to the
 * request of the step before, NULL at the beginning, and says what is next.
 */
#pragma once

#include "agent/base/err.h"
#include "agent/credentials.h"
#include "agent/http/client.h"
#include "agent/model/token.h"

struct arena;

enum {
	/* Keys that are about to expire are replaced this long before. */
	CREDENTIALS_EARLY_MS = 10 * 60 * 1000,
	CREDENTIALS_BODY_MAX = 256 * 1024,
	CREDENTIALS_TEXT_MAX = 8192, /* bytes of a key or a token */
};

enum credentials_step_kind {
	CREDENTIALS_SEND = 0,
	CREDENTIALS_FOUND,
	CREDENTIALS_FAILED,
};

struct credentials_step {
	enum credentials_step_kind kind;
	struct http_request request; /* SEND; borrowed from the arena */
	const char *token; /* FOUND by a search or in a secret; same */
	struct err reason; /* FAILED */
	bool passing; /* FAILED: it may well be otherwise the next time */
	bool keys_refused; /* FAILED: other keys might be taken */
};

/** What an AWS signature is made with.  Owns its strings. */
struct credentials_keys {
	char *id; /* NULL: there are none */
	char *secret;
	char *session; /* NULL for none */
	int64_t expires_ms; /* wall clock; 0: they do not, or nobody knows */
};

/** One way through the places that may have keys. */
struct credentials_chain {
	const struct credentials_world *world;
	struct arena *arena;
	struct credentials_keys *keys;
	enum credentials_place {
		CREDENTIALS_NOWHERE = 0, /* nothing was asked yet */
		CREDENTIALS_CONTAINER,
		CREDENTIALS_SESSION, /* an instance: leave to ask */
		CREDENTIALS_ROLE, /* the name of its role */
		CREDENTIALS_ROLE_KEYS,
	} place;
	unsigned tries;
	const char *session; /* of the instance metadata; NULL for none */
	const char *file; /* what its credentials file lacks; "" if nothing */
};

/** One way through all providers. */
struct credentials_search {
	const struct token_source *source;
	const struct credentials_world *world;
	struct credentials_keys *keys; /* kept from search to search */
	struct arena *arena;
	size_t at; /* the provider whose turn it is */
	const char **said; /* by those before it: sentences */
	bool passing; /* of one of these at least */
	enum credentials_stage {
		CREDENTIALS_FRESH = 0, /* nothing was asked yet */
		CREDENTIALS_SEEK_KEYS,
		CREDENTIALS_SEEK_SECRET,
	} stage;
	bool old_keys; /* they were there before this search */
	struct credentials_chain chain;
};

/* credentials_search.c */

/** What is borrowed must outlive the search; so must `arena` its outcome. */
void credentials_search_init(struct credentials_search *search,
	const struct token_source *source,
	const struct credentials_world *world, struct credentials_keys *keys,
	struct arena *arena);
void credentials_search_step(struct credentials_search *search,
	const struct http_response *answer, int64_t now_ms,
	struct credentials_step *step);

/** As the configuration names it: "AWS_SECRETS_MANAGER". */
const char *credentials_provider_name(const struct token_provider *provider);

/* credentials_step.c */

/** FAILED, for good unless said otherwise. */
void credentials_fail(struct credentials_step *step, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * FAILED when no answer came, or one that says no more than "not now"; `who`
 * begins the sentence.  False for any other answer.
 */
bool credentials_fail_passing(struct credentials_step *step, const char *who,
	const struct http_response *answer);

/** The first letters of a text from outside, fit to be shown to people. */
const char *credentials_words(
	const char *text, size_t max, struct arena *arena);

/** NULL when it is not set, or empty. */
const char *credentials_variable(
	const struct credentials_world *world, const char *name);

/**
 * Without blanks and line breaks around it, "" when nothing else is there.
 * NULL when what is left has blanks or strange characters in it, or no end.
 */
const char *credentials_trim(const char *text, struct arena *arena);

/* credentials_secret.c */

void credentials_secret_ask(const struct token_provider *provider,
	const struct credentials_world *world,
	const struct credentials_keys *keys, struct arena *arena,
	int64_t now_ms, struct credentials_step *step);
void credentials_secret_read(const struct token_provider *provider,
	const struct credentials_keys *keys, const struct http_response *answer,
	struct arena *arena, struct credentials_step *step);

/* credentials_chain.c */

void credentials_chain_init(struct credentials_chain *chain,
	const struct credentials_world *world, struct credentials_keys *keys,
	struct arena *arena);

/** FOUND: `keys` were replaced.  FAILED: they are as they were. */
void credentials_chain_step(struct credentials_chain *chain,
	const struct http_response *answer, struct credentials_step *step);

/* credentials_remote.c: steps of the chain, once its place is one of them. */

/** False when no container offers keys. */
bool credentials_remote_container(
	struct credentials_chain *chain, struct credentials_step *step);
void credentials_remote_instance(
	struct credentials_chain *chain, struct credentials_step *step);
void credentials_remote_step(struct credentials_chain *chain,
	const struct http_response *answer, struct credentials_step *step);

/* credentials_file.c */

enum credentials_file_found {
	CREDENTIALS_FILE_KEYS = 0,
	CREDENTIALS_FILE_NONE, /* other places may have them */
	CREDENTIALS_FILE_WRONG, /* it was meant to have them */
};

/** `err` is written unless keys were found. */
enum credentials_file_found credentials_file_read(
	const struct credentials_world *world, struct credentials_keys *keys,
	struct err *err);

/* credentials_keys.c */

void credentials_keys_finish(struct credentials_keys *keys);

/** Copies.  False when one cannot be a key. */
bool credentials_keys_set(struct credentials_keys *keys, const char *id,
	const char *secret, const char *session);

/** They were lent, and for a while yet. */
bool credentials_keys_last(const struct credentials_keys *keys, int64_t now_ms);

/** There are some that were lent, and they are not expired. */
bool credentials_keys_work(const struct credentials_keys *keys, int64_t now_ms);

/** From what a container or an instance answers. */
bool credentials_keys_read(struct credentials_keys *keys,
	const struct http_response *answer, struct err *err);
