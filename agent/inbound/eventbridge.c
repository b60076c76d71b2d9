/* Amazon EventBridge's API destinations: an event, or what an input transformer
 * made of it. */
#include "agent/inbound/parts.h"

void
inbound_eventbridge(
	const struct inbound_request *request, struct inbound_answer *answer)
{
	json_t *json = inbound_json(request->body, request->body_len);
	inbound_accept(answer);
	if (!json_is_object(json))
		inbound_refuse(answer, 400, "expected a JSON object");
	else if (inbound_aws_is(json))
		inbound_aws(answer, json);
	else if (inbound_cloudwatch_is(json))
		inbound_cloudwatch(answer, json);
	else
		inbound_plain(answer, json, "", "");
	json_decref(json);
}
