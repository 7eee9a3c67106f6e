// An identity's stored document, read in one pass into lists that are used again: for loading a million of them, where
// one allocation per fact would be most of the work. What it says is what identity_from_json() says.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/json_scanner.hpp>
#include <tenure/model/identity.hpp>

namespace tenure::model {

// Views refer to the document, and to the reader that read it until it reads another.
struct IdentityText {
  struct Fact {
    std::string_view name;
    std::string_view value;  // JSON, as it is written
    bool unknown = false;
    std::string_view source;
    std::string_view known_at;  // as put_time() writes times: "" (not set), "never", RFC 3339
  };
  struct Engagement {
    std::string_view source, key, start, end, status;
  };
  struct Relation {
    std::string_view kind, source;
    IdentityId to;
  };
  struct Record {
    std::string_view source, key;
  };
  IdentityId id, alias_of;
  IdentityKind kind = IdentityKind::kPerson;
  std::string_view key;
  std::vector<Fact> facts;  // in byte order of name
  std::vector<Engagement> engagements;
  std::vector<Relation> relations;
  std::vector<Record> records;
};

// One thread.
class IdentityReader {
 public:
  // Error kStoreCorrupt: it is no canonical document of an identity.
  Result<const IdentityText*> read(std::string_view document);

 private:
  json::Scanner scan_{""};
  IdentityText text_;
};

// A time as the documents of the model write it. Error kStoreCorrupt.
Result<Time> time_from_text(std::string_view text);

}  // namespace tenure::model
