// Feeds in JSON Lines files: one JSON object (RFC 8259) on every line, UTF-8. One pass over the bytes.
//
// Scalars become text (true, 42, 1.5), null is blank. Members that are arrays or objects are faults. A required member
// must be there in every record: silence is not a blank. Other members may come and go; where one is absent it is
// blank.
#pragma once

#include <string>
#include <string_view>

#include <tenure/connector/connector.hpp>

namespace tenure::connector_jsonl {

// The bytes of a feed. Columns are the required ones in their order, then all others in byte order. Faults go to
// `diagnostics` with `file` and line, at most kFaultsMax of them. Errors:
//   kFeedEmpty          no bytes, or no record
//   kFeedEncoding       not UTF-8, a NUL byte, or a byte order mark
//   kFeedColumnMissing  a required member is in no record
//   kFeedTruncated      the last line has no line break and is no whole object
//   kFeedSyntax         a line is no object of scalars, or lacks a required member
// The error is the first of these in this order; all faults are in the diagnostics.
Result<connector::Feed> parse_jsonl(const std::string& file, std::string_view bytes,
                                    const std::vector<std::string>& required, Diagnostics& diagnostics);
constexpr std::size_t kFaultsMax = 100;

const connector::Connector& jsonl_connector();

}  // namespace tenure::connector_jsonl
