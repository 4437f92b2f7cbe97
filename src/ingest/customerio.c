/* SPDX-License-Identifier: Apache-2.0 */
/* Customer.io's Data Pipelines SDKs speak Segment's protocol and share its routes; only the name on the
 * record differs, and what their browser library asks for (segment_settings knows). */
#include "ingest/segment.h"

const struct wire customerio_wire = {
    .protocol = PROTOCOL_CUSTOMERIO,
    .form = SEGMENT_FORM,
    .answer = answer_json,
};
