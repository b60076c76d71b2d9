/*
 * Amazon SNS over HTTP: notifications, and the confirmations around them.
 *
 *     shape -> type -> topic -> certificate -> signature -> age -> act
 *
 * A refusal is 403, after which SNS gives the message up; 503 is for what we
 * want again.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/inbound/parts.h"
#include "agent/inbound/sns_sign.h"

enum {
	AGE_MAX_MS = 60 * 60 * 1000,
};

static bool
is_known_topic(const struct conf_inbound *source, const char *topic)
{
	const char *const *topics = source->topics.items;
	for (size_t i = 0; i < source->topics.count; i++)
		if (str_eq(topics[i], topic))
			return true;
	return false;
}

static const char *
topic_name(const char *topic)
{
	const char *colon = strrchr(topic, ':');
	return colon ? colon + 1 : topic;
}

/* Acting. */

static void
read_message(struct inbound_answer *answer, const char *message, size_t len,
	const char *subject)
{
	json_t *json = inbound_json(message, len);
	if (inbound_cloudwatch_is(json))
		inbound_cloudwatch(answer, json);
	else if (inbound_aws_is(json))
		inbound_aws(answer, json);
	else if (json_is_object(json))
		inbound_plain(answer, json, subject, "");
	else
		inbound_plain(answer, NULL, subject,
			arena_dup_n(answer->arena, message, len));
	json_decref(json);
}

static void
complete(struct inbound_answer *answer, const char *id, const char *topic,
	const char *at)
{
	for (size_t i = 0; i < answer->n_problems; i++) {
		struct problem *problem = &answer->problems[i];
		if (*problem->delivery == '\0')
			problem->delivery = id;
		if (problem->state == PROBLEM_NOTICE
			&& *problem->service == '\0')
			problem->subject = topic_name(topic);
		if (problem->at_ms == 0)
			problem->at_ms = inbound_time(at);
	}
}

static void
tell(struct inbound_answer *answer, const char *topic, const char *title,
	const char *text)
{
	struct problem *problem = inbound_add(answer);
	problem->state = PROBLEM_NOTICE;
	problem->subject = topic_name(topic);
	problem->title = title;
	problem->text = text;
	problem->service = "SNS";
}

static void
confirm(struct inbound_answer *answer, const struct conf_inbound *source,
	const json_t *json, const char *topic)
{
	const char *url = inbound_text(answer->arena, json, "SubscribeURL");
	if (!inbound_sns_url(url, false)) {
		inbound_refuse(answer, 403,
			"the address that confirms is not one of SNS");
	} else if (source->confirm) {
		answer->need = INBOUND_NEED_CONFIRM;
		answer->url = url;
		tell(answer, topic, "subscription to a topic of SNS",
			"The topic is being subscribed to.");
	} else {
		tell(answer, topic, "subscription to a topic of SNS",
			"The topic waits for its subscription to be "
			"confirmed; `confirm` of this source is off.");
	}
}

static void
act(struct inbound_answer *answer, const struct conf_inbound *source,
	const json_t *json)
{
	struct arena *arena = answer->arena;
	const char *type = inbound_text(arena, json, "Type");
	const char *topic = inbound_text(arena, json, "TopicArn");
	const json_t *message = json_object_get(json, "Message");
	if (str_eq(type, "SubscriptionConfirmation"))
		confirm(answer, source, json, topic);
	else if (str_eq(type, "UnsubscribeConfirmation"))
		tell(answer, topic, "subscription ended",
			"The topic of SNS is no longer subscribed to.");
	else if (str_eq(type, "Notification") && json_is_string(message))
		read_message(answer, json_string_value(message),
			json_string_length(message),
			inbound_text(arena, json, "Subject"));
	else
		inbound_refuse(answer, 400, "expected a Type of SNS");
	complete(answer, inbound_text(arena, json, "MessageId"), topic,
		inbound_text(arena, json, "Timestamp"));
}

/* Believing. */

static bool
is_fresh(const char *timestamp, int64_t now_ms)
{
	int64_t at_ms = inbound_time(timestamp);
	return at_ms > 0 && now_ms - at_ms <= AGE_MAX_MS
		&& at_ms - now_ms <= AGE_MAX_MS;
}

static bool
is_of_sns(const struct inbound_request *request, struct inbound_answer *answer,
	const json_t *json)
{
	const struct inbound_certificate *certificate = request->certificate;
	const char *url = inbound_text(answer->arena, json, "SigningCertURL");
	struct err err;
	if (!inbound_sns_url(url, true)) {
		inbound_refuse(answer, 403,
			"the address of its certificate is not one of SNS");
		return false;
	}
	if (!certificate || !str_eq(certificate->url, url)) {
		answer->need = INBOUND_NEED_CERTIFICATE;
		answer->url = url;
		return false;
	}
	if (!certificate->pem) {
		inbound_refuse(answer, 503,
			"the certificate of SNS cannot be had now");
		return false;
	}
	if (!inbound_sns_verify(json, certificate, request->now_ms, &err)) {
		inbound_refuse(answer, 403, arena_dup(answer->arena, err.text));
		return false;
	}
	return true;
}

static bool
is_well_formed(const struct inbound_request *request,
	struct inbound_answer *answer, const json_t *json)
{
	const char *said = inbound_header(request, "x-amz-sns-message-type");
	const char *type = inbound_text(answer->arena, json, "Type");
	const char *topic = inbound_text(answer->arena, json, "TopicArn");
	if (!json_is_object(json))
		inbound_refuse(answer, 400, "expected a JSON object");
	else if (said && !str_eq(said, type))
		inbound_refuse(
			answer, 400, "its Type is not that of its header");
	else if (!is_known_topic(request->source, topic))
		inbound_refuse(answer, 403,
			"its topic is not one of `topics` of this source");
	else
		return true;
	return false;
}

/* There is no signature: the source has another credential, as the
 * configuration wants it. */
static void
read_raw(const struct inbound_request *request, struct inbound_answer *answer)
{
	const char *topic = inbound_header(request, "x-amz-sns-topic-arn");
	const char *id = inbound_header(request, "x-amz-sns-message-id");
	if (!request->source->raw) {
		inbound_refuse(answer, 403,
			"raw messages are not signed; `raw` of this source "
			"takes them all the same");
	} else if (!topic || !is_known_topic(request->source, topic)) {
		inbound_refuse(answer, 403,
			"its topic is not one of `topics` of this source");
	} else {
		read_message(answer, request->body, request->body_len, "");
		complete(answer, id ? arena_dup(answer->arena, id) : "",
			arena_dup(answer->arena, topic), "");
	}
}

void
inbound_sns(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	const char *raw = inbound_header(request, "x-amz-sns-rawdelivery");
	inbound_accept(answer);
	if (raw && str_ieq(raw, "true")) {
		read_raw(request, answer);
		return;
	}
	json_t *json = inbound_json(request->body, request->body_len);
	if (is_well_formed(request, answer, json)
		&& is_of_sns(request, answer, json)) {
		if (is_fresh(inbound_text(answer->arena, json, "Timestamp"),
			    request->now_ms))
			act(answer, request->source, json);
		else
			inbound_refuse(answer, 403,
				"it is more than an hour old, or to come");
	}
	json_decref(json);
}
