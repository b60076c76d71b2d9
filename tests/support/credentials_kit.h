/*
 * Stories of how a token is found: what the environment and the files of a
 * machine hold, what is asked over the network, and how it ends.
 */
#pragma once

#include "agent/credentials_internal.h"

enum {
	KIT_ENV = 6,
	KIT_FILES = 2,
	KIT_PROVIDERS = 3,
	KIT_TALK = 6,
};

#define KIT_NOW_MS INT64_C(1709294400000) /* 2024-03-01T12:00:00Z */

/* A secret, keys for it in the environment, and how it is asked and told. */
#define KIT_SECRET \
	{ \
		.kind = TOKEN_AWS, .secret_name = "prod/curlew/cachet", \
		.secret_key = "token", .region = "us-west-2" \
	}
#define KIT_KEYS \
	"AWS_ACCESS_KEY_ID=AKIDCURLEWTEST000001", \
		"AWS_SECRET_ACCESS_KEY=" \
		"curlew/test+secret/KEY0000000000000000001"
#define KIT_AWS "POST https://secretsmanager.us-west-2.amazonaws.com/\n"
#define KIT_GOOD \
	"{\"Name\": \"prod/curlew/cachet\", \"SecretString\": " \
	"\"{\\\"token\\\":\\\"cachet-token-0001\\\",\\\"other\\\":\\\"x\\\"}" \
	"\"}"
#define KIT_FOUND "token cachet-token-0001"
#define KIT_NOT_FOUND "Token could not be found: AWS_SECRETS_MANAGER: "

/** One request, and what comes back. */
struct kit_exchange {
	const char *asks; /* how it begins: "GET http://h/p", then headers */
	const char *with; /* stands in it, too; NULL for nothing more */
	int status; /* 0: no answer */
	const char *headers; /* NULL for none; each with CRLF */
	const char *body; /* NULL for an empty one */
};

struct kit_file {
	const char *path;
	const char *text; /* NULL: it may not be read */
};

struct kit_story {
	const char *about;
	const char *env[KIT_ENV]; /* "NAME=value"; HOME is /home/me */
	struct kit_file files[KIT_FILES];
	struct token_provider providers[KIT_PROVIDERS];
	size_t n_providers; /* 0: one */
	struct kit_exchange talk[KIT_TALK];
	const char *ends; /* "token x", "failed: why" or "passing: why" */
};

/** A machine as the story has it. */
struct credentials_world kit_world(const struct kit_story *story);

/** A request as text: method, URL, headers and body, a line each. */
const char *kit_request(
	const struct http_request *request, struct arena *arena);

struct http_response kit_response(
	const struct kit_exchange *exchange, struct arena *arena);

/** Fails the test when it does not go as told.  `keys` may be NULL. */
void kit_play(const struct kit_story *story, struct credentials_keys *keys);
void kit_play_all(const struct kit_story *stories, size_t n);

#define KIT_PLAY(stories) \
	kit_play_all(stories, sizeof(stories) / sizeof((stories)[0]))
