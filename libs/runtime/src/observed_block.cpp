#include "block_text.hpp"

#include <algorithm>

#include <tenure/base/hash.hpp>
#include <tenure/runtime/blocks.hpp>

namespace tenure::runtime {
namespace {

constexpr std::size_t kBlockAccounts = 256;
constexpr int kBitsMax = 20;
constexpr std::uint32_t kPurposes = 5;

class Encoder {
 public:
  std::string encode(std::span<const model::AccountImage> images) {
    parameters_.of("");
    out_ = "{\"accounts\":[";
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (i > 0) out_ += ',';
      add(images[i]);
    }
    out_ += "],\"attributes\":";
    attributes_.write(out_);
    out_ += ",\"classes\":";
    classes_.write(out_);
    out_ += ",\"entitlements\":";
    entitlements_.write(out_);
    out_ += ",\"parameters\":";
    parameters_.write(out_);
    out_ += '}';
    return std::move(out_);
  }

 private:
  void add(const model::AccountImage& image) {
    const model::Account& account = image.account;
    out_ += '[';
    for (const std::string* text : {&account.id.str(), &account.name, &account.incarnation, &account.restriction}) {
      json::append_quoted(out_, *text);
      out_ += ',';
    }
    append_number(out_, classes_.of(account.account_class));
    out_ += ',';
    append_number(out_, static_cast<std::int64_t>(account.purpose));
    out_ += account.enabled ? ",1,[" : ",0,[";
    bool first = true;
    for (const auto& [name, value] : account.attributes) {
      if (!std::exchange(first, false)) out_ += ',';
      append_number(out_, attributes_.of(name));
      out_ += ',';
      out_ += json::to_string(value);
    }
    out_ += "],[";
    first = true;
    for (const model::Grant& grant : image.grants) {
      if (!std::exchange(first, false)) out_ += ',';
      const std::uint32_t entitlement = entitlements_.of(grant.entitlement.str());
      if (!grant.parameters.empty()) out_ += '[';
      append_number(out_, entitlement);
      if (grant.parameters.empty()) continue;
      out_ += ',';
      append_number(out_, parameters_.of(grant.parameters));
      out_ += ']';
    }
    out_ += "]]";
  }

  std::string out_;
  TextNumbers classes_, attributes_, entitlements_, parameters_;
};

void read_account(json::Scanner& scan, ObservedBlock& block) {
  ObservedBlock::Account& account = block.accounts.emplace_back();
  scan.open('[');
  for (std::string* text : {&account.id, &account.name, &account.incarnation, &account.restriction}) {
    text->assign(scan.text());
    scan.next(']');
  }
  account.account_class = read_number(scan);
  scan.next(']');
  const std::uint32_t purpose = read_number(scan);
  if (purpose >= kPurposes) scan.fail();
  account.purpose = static_cast<model::Purpose>(purpose);
  scan.next(']');
  account.enabled = scan.integer() == 1;
  scan.next(']');
  for (bool more = scan.open('['); more; more = scan.next(']')) {
    const std::uint32_t name = read_number(scan);
    scan.next(']');
    block.attributes.push_back({name, scan.value()});
  }
  scan.next(']');
  for (bool more = scan.open('['); more; more = scan.next(']')) {
    ObservedBlock::Right right;
    if (scan.peek() == '[') {
      scan.open('[');
      right.entitlement = read_number(scan);
      scan.next(']');
      right.parameters = read_number(scan);
      scan.next(']');
    } else {
      right.entitlement = read_number(scan);
    }
    block.rights.push_back(right);
  }
  scan.next(']');
  account.attributes_end = static_cast<std::uint32_t>(block.attributes.size());
  account.rights_end = static_cast<std::uint32_t>(block.rights.size());
}

bool in_range(const ObservedBlock& block) {
  const auto below = [](std::uint32_t number, const auto& list) { return number < list.size(); };
  return std::all_of(block.accounts.begin(), block.accounts.end(),
                     [&](const auto& account) { return below(account.account_class, block.classes); }) &&
         std::all_of(block.attributes.begin(), block.attributes.end(),
                     [&](const auto& one) { return below(one.name, block.attribute_names); }) &&
         std::all_of(block.rights.begin(), block.rights.end(), [&](const auto& right) {
           return below(right.entitlement, block.entitlements) && below(right.parameters, block.parameters);
         });
}

}  // namespace

int bits_for(std::size_t accounts, int before) {
  const auto fits = [&](int bits) {
    const std::size_t per_block = accounts >> bits;
    return per_block <= kBlockAccounts * 2 && (bits == 0 || per_block >= kBlockAccounts / 2);
  };
  if (before >= 0 && fits(before)) return before;
  int bits = 0;
  while (bits < kBitsMax && (accounts >> bits) > kBlockAccounts) ++bits;
  return bits;
}

std::string block_of(const model::NativeId& id, int bits) {
  const Sha256 hash = sha256(id.str());
  const std::uint32_t head = (std::uint32_t{hash.bytes[0]} << 16) | (std::uint32_t{hash.bytes[1]} << 8) | hash.bytes[2];
  std::uint32_t number = bits == 0 ? 0 : head >> (24 - bits);
  std::string text(5, '0');
  for (std::size_t i = 5; i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
  return text;
}

std::string encode_observed(std::span<const model::AccountImage> images) {
  return Encoder().encode(images);
}

Status decode_observed(std::string_view body, ObservedBlock& block) {
  block.attributes.clear();
  block.attribute_names.clear();
  block.classes.clear();
  const bool whole = read_block(body, block, [&](json::Scanner& scan, std::string_view key) {
    if (key == "accounts") return read_each(scan, [&] { read_account(scan, block); });
    if (key == "attributes") return read_texts(scan, block.attribute_names), true;
    if (key == "classes") return read_texts(scan, block.classes), true;
    return false;
  });
  if (!whole || !in_range(block)) return fail(Reason::kStoreCorrupt, "a block of observed accounts is damaged");
  return {};
}

Result<std::vector<model::AccountImage>> images_of(const ObservedBlock& block) {
  std::vector<model::AccountImage> images;
  images.reserve(block.accounts.size());
  std::uint32_t attribute = 0, right = 0;
  for (const ObservedBlock::Account& stored : block.accounts) {
    model::AccountImage& image = images.emplace_back();
    image.account.id = model::NativeId(stored.id);
    image.account.name = stored.name;
    image.account.incarnation = stored.incarnation;
    image.account.restriction = stored.restriction;
    image.account.account_class = block.classes[stored.account_class];
    image.account.purpose = stored.purpose;
    image.account.enabled = stored.enabled;
    for (; attribute < stored.attributes_end; ++attribute) {
      TENURE_TRY(json::Value value, json::parse(block.attributes[attribute].value));
      image.account.attributes.emplace(block.attribute_names[block.attributes[attribute].name], std::move(value));
    }
    for (; right < stored.rights_end; ++right)
      image.grants.push_back({{image.account.id, {}},
                              model::EntitlementId(block.entitlements[block.rights[right].entitlement]),
                              block.parameters[block.rights[right].parameters]});
  }
  return images;
}

}  // namespace tenure::runtime
