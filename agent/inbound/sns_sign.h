/*
 * That a message came from Amazon SNS: whose certificate it names, and whether
 * its signature is of that certificate.  Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct buf;
struct err;
struct inbound_certificate;

/**
 * https, sns.REGION.amazonaws.com or that of China, no user, no port.  A
 * certificate's path ends in ".pem", and it has no query and no fragment.
 */
bool inbound_sns_url(const char *url, bool is_certificate);

/** What is signed: the members that are, in their order, and line ends. */
void inbound_sns_string_to_sign(const json_t *message, struct buf *out);

/** Versions 1 (SHA-1) and 2 (SHA-256).  The sentence holds nothing of the
 * message. */
bool inbound_sns_verify(const json_t *message,
	const struct inbound_certificate *certificate, int64_t now_ms,
	struct err *err);
