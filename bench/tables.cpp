#include "tables.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

namespace tenure::bench {
namespace {

// A text file that is written once, front to back.
class Lines {
 public:
  explicit Lines(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "w")) {
    buffer_.reserve(kFlush + 256);
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() {
    if (file_ != nullptr) std::fclose(file_);
  }
  void number(std::uint64_t value) {
    char digits[20];
    buffer_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  void text(std::string_view text) { buffer_ += text; }
  void end_line() {
    buffer_ += '\n';
    if (buffer_.size() >= kFlush) flush();
  }
  Status close() {
    flush();
    const bool closed = file_ != nullptr && std::fclose(file_) == 0;
    file_ = nullptr;
    if (!closed || failed_) return fail(Reason::kIo, path_ + ": " + std::strerror(errno));
    return {};
  }

 private:
  static constexpr std::size_t kFlush = 1U << 20U;
  void flush() {
    if (file_ == nullptr || std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) failed_ = true;
    buffer_.clear();
  }
  std::string path_;
  std::FILE* file_;
  std::string buffer_;
  bool failed_ = false;
};

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

std::string enum_of(const Attribute& attribute) {
  std::string list;
  for (const std::string& value : attribute.values) list += (list.empty() ? "" : ",") + quoted(value);
  return "CREATE TYPE " + attribute.name + "_t AS ENUM (" + list + ");\n";
}

}  // namespace

Status write_people(const Company& company, const std::string& folder) {
  Lines lines(folder + "/people.csv");
  lines.text("id,works");
  std::vector<const Attribute*> attributes;
  for (const std::string_view name : kReadByRules) {
    lines.text("," + std::string(name));
    attributes.push_back(&company.attribute(name));
  }
  lines.end_line();
  for (std::size_t row = 0; row < company.size.identities; ++row) {
    lines.number(row);
    lines.text(company.working[row] == Working::kLeft ? ",false" : ",true");
    for (const Attribute* attribute : attributes) {
      lines.text(",");
      if (!attribute->unknown[row]) lines.text(attribute->text(row));
    }
    lines.end_line();
  }
  return lines.close();
}

Status write_observed(const Company& company, const std::string& folder) {
  Lines lines(folder + "/observed.csv");
  for (const CompanyTarget& target : company.targets)
    for (std::size_t e = 0; e < target.entitlements.size(); ++e) {
      if (!company.entitlements[target.entitlements[e]].managed) continue;
      for (std::uint64_t at = target.observed.offsets[e]; at < target.observed.offsets[e + 1]; ++at) {
        lines.number(target.entitlements[e]);
        lines.text(",");
        lines.number(target.owners[target.observed.accounts[at]]);
        lines.end_line();
      }
    }
  return lines.close();
}

Status write_pairs(const std::string& path, std::span<const std::uint64_t> offsets,
                   std::span<const std::uint32_t> accounts) {
  Lines lines(path);
  for (std::size_t e = 0; e + 1 < offsets.size(); ++e)
    for (std::uint64_t at = offsets[e]; at < offsets[e + 1]; ++at) {
      lines.number(e);
      lines.text(",");
      lines.number(accounts[at]);
      lines.end_line();
    }
  return lines.close();
}

std::string people_sql(const Company& company, const std::string& folder, bool enums) {
  std::string types, columns = "'id':'INTEGER','works':'BOOLEAN'";
  for (const std::string_view name : kReadByRules) {
    const Attribute& attribute = company.attribute(name);
    const std::string type = attribute.is_number ? "INTEGER" : enums ? attribute.name + "_t" : "VARCHAR";
    if (enums && !attribute.is_number) types += enum_of(attribute);
    columns += "," + quoted(attribute.name) + ":" + quoted(type);
  }
  return types + "CREATE TABLE people AS SELECT * FROM read_csv('" + folder + "/people.csv', header=true, columns={" +
         columns + "});\n";
}

std::string rules_sql(const Company& company) {
  std::string departments, others, countries, gives = "(-1,0)";
  const auto text = [&](std::string_view attribute, std::uint32_t code) {
    return quoted(company.attribute(attribute).values[code]);
  };
  for (std::size_t r = 0; r < company.rules.size(); ++r) {
    const Rule& rule = company.rules[r];
    const std::string number = std::to_string(r);
    if (rule.by_department) {
      departments += (departments.empty() ? "(" : ",(") + number + "," + text("department", rule.department) + "," +
                     text("site", rule.site) + "," + company.attribute("level").values[rule.level] + ")";
    } else {
      others += (others.empty() ? "(" : ",(") + number;
      for (const std::uint32_t country : rule.countries) {
        others += "," + text("country", country);
        countries += (countries.empty() ? "(" : ",(") + number + "," + text("country", country) + ")";
      }
      others += "," + text("status", rule.status) + "," + text("worker_type", rule.worker_type) + ")";
    }
    for (const std::uint32_t entitlement : rule.entitlements)
      gives += ",(" + number + "," + std::to_string(entitlement) + ")";
  }
  return fmt::format(
      "CREATE TABLE department_rule(rule INTEGER, department department_t, site site_t, level INTEGER);\n"
      "INSERT INTO department_rule VALUES {};\n"
      "CREATE TABLE other_rule(rule INTEGER, country1 country_t, country2 country_t, country3 country_t,"
      " status status_t, worker_type worker_type_t);\n"
      "INSERT INTO other_rule VALUES {};\n"
      "CREATE TABLE other_rule_country(rule INTEGER, country country_t);\n"
      "INSERT INTO other_rule_country VALUES {};\n"
      "CREATE TABLE gives(rule INTEGER, entitlement INTEGER);\n"
      "INSERT INTO gives VALUES {};\n",
      departments, others, countries, gives);
}

std::string observed_sql(const std::string& folder) {
  return "CREATE TABLE observed AS SELECT * FROM read_csv('" + folder +
         "/observed.csv', header=false, columns={'entitlement':'INTEGER','identity':'INTEGER'});\n";
}

}  // namespace tenure::bench
