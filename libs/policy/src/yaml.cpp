#include "yaml.hpp"

#include <charconv>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <tenure/base/text.hpp>

namespace tenure::policy {
namespace {

// yaml-cpp counts bytes from 0; people count characters from 1.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }
  std::string_view line(std::size_t index) const {
    if (index >= starts_.size()) return {};
    const std::size_t end = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
    return text_.substr(starts_[index], end - starts_[index]);
  }
  std::size_t count() const { return starts_.size(); }
  std::uint32_t column(std::size_t index, std::size_t byte) const {
    std::uint32_t characters = 1;
    for (const char c : line(index).substr(0, byte))
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++characters;
    return characters;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& path, const Lines& lines, Diagnostics& diagnostics)
      : path_(path), lines_(lines), diagnostics_(diagnostics) {}

  // The document that was just read; nullopt when it was empty.
  std::optional<YamlNode> take() { return std::exchange(document_, std::nullopt); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    YamlNode node;
    node.place = place(mark);
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    diagnostics_.error(Reason::kYamlSyntax, place(mark), "an alias (*name) is not allowed here", "the value itself",
                       "write the value out where it is used");
    YamlNode node;
    node.place = place(mark);
    add(std::move(node));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    YamlNode node;
    node.text = value;
    node.place = place(mark);
    set_style(node, mark, tag);
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

  Place place(const YAML::Mark& mark) const {
    const auto line = static_cast<std::size_t>(mark.line < 0 ? 0 : mark.line);
    const auto byte = static_cast<std::size_t>(mark.column < 0 ? 0 : mark.column);
    return {path_, static_cast<std::uint32_t>(line + 1), lines_.column(line, byte)};
  }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;  // of a mapping, while its value is awaited
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    YamlNode node;
    node.kind = kind;
    node.place = place(mark);
    open_.push_back({std::move(node), std::nullopt});
  }
  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }
  void add(YamlNode node) {
    if (open_.empty()) {
      document_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (!node.is_scalar()) diagnostics_.error(Reason::kYamlSyntax, node.place, "a key must be text", "key: value");
      parent.key = std::move(node);
    } else {
      add_entry(parent, std::move(node));
    }
  }
  void add_entry(Open& parent, YamlNode value) {
    YamlNode key = std::move(*parent.key);
    parent.key.reset();
    if (const YamlNode* first = parent.node.find(key.text); first != nullptr)
      diagnostics_.error(Reason::kPolicyDuplicate, key.place,
                         "the key \"" + key.text + "\" stands here a second time (first on line " +
                             std::to_string(first->place.line) + ")",
                         "every key once", "keep one of the two");
    else
      parent.node.entries.push_back({std::move(key), std::move(value)});
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor)
      diagnostics_.error(Reason::kYamlSyntax, place(mark), "an anchor (&name) is not allowed here", "the value alone",
                         "remove the anchor and write the value out where it is used");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      diagnostics_.error(Reason::kYamlSyntax, place(mark), "the tag \"" + tag + "\" is not allowed here",
                         "a value without a tag", "remove the tag");
  }
  // Tells quoted and block scalars from plain ones by the character at the mark, and moves the place to the text.
  void set_style(YamlNode& node, const YAML::Mark& mark, const std::string& tag) {
    if (tag != "!") return;  // yaml-cpp gives "!" to every scalar that is not plain
    const auto index = static_cast<std::size_t>(mark.line);
    const std::string_view line = lines_.line(index);
    const auto byte = static_cast<std::size_t>(mark.column);
    const char first = byte < line.size() ? line[byte] : '\0';
    node.style = first == '|' || first == '>' ? YamlNode::Style::kBlock : YamlNode::Style::kQuoted;
    if (node.style == YamlNode::Style::kQuoted) {
      ++node.place.column;
      return;
    }
    for (std::size_t next = index + 1; next < lines_.count(); ++next) {
      const std::string_view text = lines_.line(next);
      const std::size_t begin = text.find_first_not_of(' ');
      if (begin == std::string_view::npos) continue;
      node.place.line = static_cast<std::uint32_t>(next + 1);
      node.place.column = static_cast<std::uint32_t>(begin + 1);
      node.indent = static_cast<std::uint32_t>(begin);
      return;
    }
  }

  const std::string& path_;
  const Lines& lines_;
  Diagnostics& diagnostics_;
  std::vector<Open> open_;
  std::optional<YamlNode> document_;
};

template <class Self>
auto* find_entry(Self& node, std::string_view key) {
  for (auto& [name, value] : node.entries)
    if (name.text == key) return &value;
  return static_cast<decltype(&node.entries.front().value)>(nullptr);
}

}  // namespace

bool YamlNode::is_null() const {
  return is_scalar() && style == Style::kPlain && (text.empty() || text == "~" || text == "null");
}
const YamlNode* YamlNode::find(std::string_view key) const {
  return find_entry(*this, key);
}
YamlNode* YamlNode::find(std::string_view key) {
  return find_entry(*this, key);
}

std::string_view YamlNode::describe() const {
  if (is_list()) return "a list";
  if (is_map()) return "a mapping";
  return is_null() ? "nothing" : "a single value";
}

std::vector<YamlNode> parse_yaml(const std::string& path, std::string_view text, Diagnostics& diagnostics) {
  std::vector<YamlNode> documents;
  if (!is_utf8(text)) {
    diagnostics.error(Reason::kYamlSyntax, {path, 0, 0}, "the file is not UTF-8", "UTF-8 text", "save it as UTF-8");
    return documents;
  }
  const Lines lines(text);
  Builder builder(path, lines, diagnostics);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
      auto document = builder.take();
      if (document && !document->is_null()) documents.push_back(std::move(*document));
    }
  } catch (const YAML::Exception& e) {
    diagnostics.error(
        Reason::kYamlSyntax, builder.place(e.mark), e.msg,
        "well-formed YAML 1.2: \"key: value\" or \"- entry\", indented by spaces, brackets and quotes closed");
  }
  return documents;
}

std::optional<std::int64_t> to_integer(const YamlNode& node) {
  if (!node.is_scalar() || node.style != YamlNode::Style::kPlain || node.text.empty()) return std::nullopt;
  const std::string& text = node.text;
  const std::size_t digits = text[0] == '-' ? 1 : 0;
  if (text.size() > digits + 1 && text[digits] == '0') return std::nullopt;  // 007 is text
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> to_boolean(const YamlNode& node) {
  if (!node.is_scalar() || node.style != YamlNode::Style::kPlain) return std::nullopt;
  if (node.text == "true") return true;
  if (node.text == "false") return false;
  return std::nullopt;
}

json::Value to_json(const YamlNode& node) {
  if (node.is_list()) {
    json::Array array;
    for (const YamlNode& item : node.items) array.push_back(to_json(item));
    return array;
  }
  if (node.is_map() && node.ordered) {
    json::Array pairs;
    for (const auto& [key, value] : node.entries) {
      json::Array pair;
      pair.emplace_back(key.text);
      pair.push_back(to_json(value));
      pairs.emplace_back(std::move(pair));
    }
    return pairs;
  }
  if (node.is_map()) {
    json::Object object;
    for (const auto& [key, value] : node.entries) object.emplace(key.text, to_json(value));
    return object;
  }
  if (node.canonical) return *node.canonical;
  if (node.is_null()) return nullptr;
  if (const auto flag = to_boolean(node)) return *flag;
  constexpr std::int64_t kCanonicalMax = (std::int64_t{1} << 53) - 1;
  if (const auto number = to_integer(node); number && *number <= kCanonicalMax && *number >= -kCanonicalMax)
    return *number;
  return node.text;
}

}  // namespace tenure::policy
