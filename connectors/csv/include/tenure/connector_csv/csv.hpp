// Feeds in CSV files, as <tenure/csv/csv.hpp> reads them.
//
// An empty field is blank (nullopt), quoted or not. A file is complete only when its last record has all its fields and
// no quotation is open; a missing line end at the very end is allowed then.
#pragma once

#include <string>
#include <string_view>

#include <tenure/connector/connector.hpp>

namespace tenure::connector_csv {

// The bytes of a feed. Faults go to `diagnostics` with `file`, line and column, at most kFaultsMax of them. Errors:
//   kFeedEmpty          no bytes, or no header
//   kFeedEncoding       not UTF-8, or a NUL byte
//   kFeedColumnMissing  a required column is not in the header
//   kFeedTruncated      it ends within quotation marks, within a line end or within the last record
//   kFeedSyntax         records are malformed (wrong number of fields, text after a closing quotation mark)
// The error is the first of these in this order; all faults are in the diagnostics.
Result<connector::Feed> parse_csv(const std::string& file, std::string bytes, const std::vector<std::string>& required,
                                  Diagnostics& diagnostics, Workers& workers = own_thread());
constexpr std::size_t kFaultsMax = 100;

const connector::Connector& csv_connector();

}  // namespace tenure::connector_csv
