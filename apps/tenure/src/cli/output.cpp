#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

std::string cell(const json::Value& item, const std::string& member) {
  const json::Value* value = &item;
  for (const auto& part : split(member, '.')) {
    value = value->find(part);
    if (value == nullptr) return "";
  }
  if (value->is_null()) return "";
  if (value->is_string()) return value->as_string();
  if (value->is_array()) {
    std::vector<std::string> parts;
    for (const auto& element : value->as_array())
      parts.push_back(element.is_string() ? element.as_string() : json::to_string(element));
    return join(parts, ", ");
  }
  return json::to_string(*value);
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

void put(std::FILE* file, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), file);
}

std::uint32_t next_code_point(const std::string& text, std::size_t& i) {
  const auto c = static_cast<unsigned char>(text[i++]);
  if (c < 0x80) return c;
  const int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
  std::uint32_t cp = c & (0x3FU >> more);
  for (int k = 0; k < more && i < text.size(); ++k) cp = cp << 6 | (static_cast<unsigned char>(text[i++]) & 0x3FU);
  return cp;
}

// Quotes too much rather than too little: readers of YAML 1.1 take "no" for false and "1_000" for a number.
bool needs_quotes(const std::string& text) {
  static const std::vector<std::string> kWords = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"};
  if (text.empty() || std::find(kWords.begin(), kWords.end(), ascii_lower(text)) != kWords.end()) return true;
  if (text.find_first_of(":#{}[],&*!|>'\"%@`\\=") != std::string::npos) return true;
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  const char first = text.front();
  return first == '-' || first == '+' || first == '.' || first == '?' || first == '<' || first == ' ' ||
         text.back() == ' ' || (first >= '0' && first <= '9');
}

void yaml_into(std::string& out, const json::Value& value, std::size_t depth);

void yaml_scalar(std::string& out, const json::Value& value) {
  if (value.is_string() && !needs_quotes(value.as_string()))
    out += value.as_string();
  else
    out += json::to_string(value);
}

bool is_block(const json::Value& value) {
  return (value.is_array() && !value.as_array().empty()) || (value.is_object() && !value.as_object().empty());
}

void yaml_into(std::string& out, const json::Value& value, std::size_t depth) {
  const std::string indent(depth * 2, ' ');
  if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) {
      out += indent;
      yaml_scalar(out, key);
      out += ":";
      if (is_block(member)) {
        out += "\n";
        yaml_into(out, member, depth + 1);
      } else {
        out += " ";
        yaml_scalar(out, member);
        out += "\n";
      }
    }
  } else if (value.is_array()) {
    for (const auto& element : value.as_array()) {
      if (is_block(element)) {
        std::string inner;
        yaml_into(inner, element, depth + 1);
        inner.replace(depth * 2, 1, "-");
        out += inner;
      } else {
        out += indent + "- ";
        yaml_scalar(out, element);
        out += "\n";
      }
    }
  }
}

json::Value with_outcome(const Document& document, Exit exit) {
  json::Object object = document.fields;
  object["schema"] = document.schema;
  object["outcome"] = outcome_name(exit);
  if (document.list) object["items"] = json::Array(document.items.begin(), document.items.end());
  return object;
}

json::Array unknowns_of(const Document& document) {
  const auto it = document.fields.find("unknown");
  return it == document.fields.end() || !it->second.is_array() ? json::Array{} : it->second.as_array();
}

// One line per item, each with schema and outcome; what is not known is a line of its own.
void print_lines(const Document& document, Exit exit) {
  if (!document.list) return put(stdout, json::to_string(with_outcome(document, exit)) + "\n");
  const auto line = [&](json::Object object) {
    object["schema"] = document.schema;
    object["outcome"] = outcome_name(exit);
    put(stdout, json::to_string(object) + "\n");
  };
  for (const auto& item : document.items) line(item.is_object() ? item.as_object() : json::Object{{"item", item}});
  if (auto unknown = unknowns_of(document); !unknown.empty()) line({{"unknown", std::move(unknown)}});
}

}  // namespace

std::string printable(const std::string& text) {
  static const char* const kHex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const std::uint32_t cp = next_code_point(text, i);
    if (cp >= 0x20 && cp != 0x7f && (cp < 0x80 || cp >= 0xA0)) {
      out.append(text, start, i - start);
      continue;
    }
    out += "\\x";
    out += kHex[(cp >> 4) & 0xF];
    out += kHex[cp & 0xF];
  }
  return out;
}

std::size_t display_width(const std::string& text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t cp = next_code_point(text, i);
    if (cp >= 0x300 && cp < 0x370) continue;
    const bool wide = (cp >= 0x1100 && cp < 0x1160) || (cp >= 0x2E80 && cp < 0xA4D0) || (cp >= 0xAC00 && cp < 0xD7A4) ||
                      (cp >= 0xF900 && cp < 0xFB00) || (cp >= 0xFF00 && cp < 0xFF61) || (cp >= 0x1F300 && cp < 0x1FB00);
    width += wide ? 2 : 1;
  }
  return width;
}

std::string render_table(const std::vector<Column>& columns, const std::vector<json::Value>& items) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> widths;
  rows.emplace_back();
  for (const auto& column : columns) {
    rows[0].push_back(column.title);
    widths.push_back(display_width(column.title));
  }
  for (const auto& item : items) {
    rows.emplace_back();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      rows.back().push_back(printable(cell(item, columns[c].member)));
      widths[c] = std::max(widths[c], display_width(rows.back().back()));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += row[c];
      if (c + 1 < row.size()) line.append(widths[c] - display_width(row[c]) + 2, ' ');
    }
    out += std::string(line.substr(0, line.find_last_not_of(' ') + 1)) + "\n";
  }
  return out;
}

std::string render_csv(const std::vector<Column>& columns, const std::vector<json::Value>& items) {
  std::string out;
  for (std::size_t c = 0; c < columns.size(); ++c) out += (c > 0 ? "," : "") + csv_field(ascii_lower(columns[c].title));
  out += "\n";
  for (const auto& item : items) {
    for (std::size_t c = 0; c < columns.size(); ++c)
      out += (c > 0 ? "," : "") + csv_field(cell(item, columns[c].member));
    out += "\n";
  }
  return out;
}

std::string render_yaml(const json::Value& value) {
  std::string out;
  if (is_block(value)) {
    yaml_into(out, value, 0);
  } else {
    yaml_scalar(out, value);
    out += "\n";
  }
  return out;
}

void Output::print(const Document& document, Exit exit) const {
  switch (format_) {
    case Format::kJson:
      put(stdout, json::to_pretty(with_outcome(document, exit)) + "\n");
      break;
    case Format::kJsonl:
      print_lines(document, exit);
      break;
    case Format::kYaml:
      put(stdout, render_yaml(with_outcome(document, exit)));
      break;
    case Format::kCsv:
      if (document.list) {
        put(stdout, render_csv(document.columns, document.items));
        for (const auto& unknown : unknowns_of(document))
          put(stderr, "unknown: " + printable(unknown.as_string()) + "\n");
      } else {
        std::vector<Column> columns;
        for (const auto& [name, value] : document.fields) columns.push_back({name, name});
        put(stdout, render_csv(columns, {json::Value(document.fields)}));
      }
      break;
    case Format::kTable:
      if (!document.text.empty()) put(stdout, document.text + (document.text.back() == '\n' ? "" : "\n"));
      if (document.list && !document.columns.empty() && !document.items.empty())
        put(stdout, render_table(document.columns, document.items));
      if (!document.after.empty()) put(stdout, document.after + (document.after.back() == '\n' ? "" : "\n"));
      break;
  }
  std::fflush(stdout);
}

void Output::say(const std::string& line) const {
  if (!quiet_) put(stderr, line + "\n");
}

void Output::error(const Error& error) const {
  const ReasonInfo& info = reason_info(error.reason());
  if (format_ == Format::kJson || format_ == Format::kJsonl) {
    const json::Value value = json::Object{{"schema", "error/v1"},
                                           {"outcome", outcome_name(exit_of(error))},
                                           {"code", reason_code(error.reason())},
                                           {"title", info.title},
                                           {"message", error.to_string()},
                                           {"effect", effect_name(error.effect())},
                                           {"remedy", info.remedy}};
    put(stderr, json::to_string(value) + "\n");
    return;
  }
  std::string text = red("error " + reason_code(error.reason())) + ": " + std::string(info.title) + "\n";
  std::string what = error.to_string();
  what = what.substr(0, what.rfind(" ["));
  if (what != info.title) text += "  what:  " + printable(what) + "\n";
  text += std::string("  state: ") +
          (error.effect() == Effect::kNone      ? "nothing was changed by this step"
           : error.effect() == Effect::kApplied ? "the change was made"
                                                : "not known; it is read back before anything "
                                                  "is sent again") +
          "\n";
  text += "  next:  " + std::string(info.remedy) + "\n";
  put(stderr, text);
}

void Output::diagnostics(const Diagnostics& diagnostics) const {
  for (const auto& diagnostic : diagnostics.sorted()) {
    if (format_ == Format::kJson || format_ == Format::kJsonl) {
      put(stderr, json::to_string(json::Object{
                      {"schema", "diagnostic/v1"},
                      {"severity", diagnostic.severity == Severity::kError ? "error" : "warning"},
                      {"code", reason_code(diagnostic.reason)},
                      {"file", diagnostic.place.file},
                      {"line", diagnostic.place.line},
                      {"column", diagnostic.place.column},
                      {"message", diagnostic.summary},
                      {"expected", diagnostic.expected},
                      {"remedy", diagnostic.remedy.empty() ? std::string(reason_info(diagnostic.reason).remedy)
                                                           : diagnostic.remedy}}) +
                      "\n");
    } else {
      put(stderr, render(diagnostic) + "\n");
    }
  }
}

}  // namespace tenure::cli
