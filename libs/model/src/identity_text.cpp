#include <tenure/model/identity_text.hpp>

namespace tenure::model {
namespace {

// Calls member(key) for each member of the object that is next.
template <class Member>
void each_member(json::Scanner& scan, Member member) {
  for (bool more = scan.open('{'); more; more = scan.next('}')) member(scan.key());
}

template <class Element>
void each_element(json::Scanner& scan, Element element) {
  for (bool more = scan.open('['); more; more = scan.next(']')) element();
}

IdentityText::Fact read_fact(json::Scanner& scan, std::string_view name) {
  IdentityText::Fact fact{.name = name};
  each_member(scan, [&](std::string_view key) {
    if (key == "known_at")
      fact.known_at = scan.text();
    else if (key == "source")
      fact.source = scan.text();
    else if (key == "unknown")
      fact.unknown = scan.boolean();
    else if (key == "value")
      fact.value = scan.value();
    else
      scan.fail();
  });
  if (fact.value.empty()) scan.fail();
  return fact;
}

IdentityText::Engagement read_engagement(json::Scanner& scan) {
  IdentityText::Engagement engagement;
  each_member(scan, [&](std::string_view key) {
    std::string_view* member = key == "source"   ? &engagement.source
                               : key == "key"    ? &engagement.key
                               : key == "start"  ? &engagement.start
                               : key == "end"    ? &engagement.end
                               : key == "status" ? &engagement.status
                                                 : nullptr;
    if (member == nullptr) return scan.fail();
    *member = scan.text();
  });
  return engagement;
}

IdentityText::Relation read_relation(json::Scanner& scan) {
  IdentityText::Relation relation;
  each_member(scan, [&](std::string_view key) {
    if (key == "kind")
      relation.kind = scan.text();
    else if (key == "source")
      relation.source = scan.text();
    else if (key == "to")
      relation.to = IdentityId(scan.integer());
    else
      scan.fail();
  });
  return relation;
}

IdentityText::Record read_record(json::Scanner& scan) {
  IdentityText::Record record;
  each_member(scan, [&](std::string_view key) {
    if (key == "source")
      record.source = scan.text();
    else if (key == "key")
      record.key = scan.text();
    else
      scan.fail();
  });
  return record;
}

void read_member(json::Scanner& scan, std::string_view key, IdentityText& text) {
  if (key == "alias_of") {
    text.alias_of = IdentityId(scan.integer());
  } else if (key == "engagements") {
    each_element(scan, [&] { text.engagements.push_back(read_engagement(scan)); });
  } else if (key == "facts") {
    each_member(scan, [&](std::string_view name) { text.facts.push_back(read_fact(scan, name)); });
  } else if (key == "id") {
    text.id = IdentityId(scan.integer());
  } else if (key == "key") {
    text.key = scan.text();
  } else if (key == "kind") {
    const auto kind = identity_kind(scan.text());
    if (!kind) return scan.fail();
    text.kind = *kind;
  } else if (key == "records") {
    each_element(scan, [&] { text.records.push_back(read_record(scan)); });
  } else if (key == "relations") {
    each_element(scan, [&] { text.relations.push_back(read_relation(scan)); });
  } else {
    scan.fail();
  }
}

}  // namespace

Result<const IdentityText*> IdentityReader::read(std::string_view document) {
  scan_ = json::Scanner(document);
  text_.id = text_.alias_of = IdentityId();
  text_.key = {};
  text_.facts.clear();
  text_.engagements.clear();
  text_.relations.clear();
  text_.records.clear();
  each_member(scan_, [&](std::string_view key) { read_member(scan_, key, text_); });
  if (scan_.failed() || !scan_.at_end() || !text_.id.valid())
    return fail(Reason::kStoreCorrupt, "the document of an identity is damaged");
  return &text_;
}

Result<Time> time_from_text(std::string_view text) {
  if (text.empty()) return Time{};
  if (text == "never") return Time::never();
  auto time = Time::parse(text);
  if (!time) return fail(Reason::kStoreCorrupt, "a time of an identity is damaged");
  return *time;
}

}  // namespace tenure::model
