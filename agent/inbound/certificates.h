/*
 * The certificates of SNS, fetched when they are needed and kept for a while.
 */
#pragma once

#include "agent/base/list.h"
#include "agent/inbound/inbound.h"

struct http_client;
struct inbound_certificates;

enum {
	INBOUND_CERTIFICATE_MS = 4000, /* SNS waits for 15 s */
};

/** Each is fetched within `timeout_ms`, or not at all. */
struct inbound_certificates *inbound_certificates_new(
	struct http_client *http, int64_t timeout_ms);
void inbound_certificates_free(struct inbound_certificates *certificates);

/** Stands in whoever waits for one. */
struct inbound_certificate_wait {
	struct list link;
	void (*done)(void *cookie, const struct inbound_certificate *found);
	void *cookie;
};

/**
 * True: `found` is it, or that there is none; borrowed until the next call.
 * False: `wait` is linked, and its `done` runs once, later, unless it is
 * taken out with list_remove().
 */
bool inbound_certificates_get(struct inbound_certificates *certificates,
	const char *url, int64_t mono_ms, struct inbound_certificate_wait *wait,
	struct inbound_certificate *found);
