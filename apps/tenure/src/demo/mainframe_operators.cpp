#include "demo/mainframe_operators.hpp"

#include <algorithm>

#include <tenure/base/file.hpp>
#include <tenure/base/json.hpp>

namespace tenure::demo {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// RFC 4180 as far as the export of these operators uses it: no line end inside a field.
Rows read_rows(const std::string& text) {
  Rows rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
        field += text[++i];
      else if (c == '"')
        quoted = false;
      else
        field += c;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      row.push_back(std::move(field));
      field.clear();
      if (c == '\n') {
        rows.push_back(std::move(row));
        row.clear();
      }
    } else if (c != '\r') {
      field += c;
    }
  }
  return rows;
}

std::string write_rows(const Rows& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      if (row[i].find_first_of(",\"") == std::string::npos) {
        text += row[i];
        continue;
      }
      text += '"';
      for (const char c : row[i]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
      text += '"';
    }
    text += '\n';
  }
  return text;
}

std::string attribute(const plan::Change& change, const char* name) {
  const auto it = change.attributes.find(name);
  return it != change.attributes.end() && it->second.is_string() ? it->second.as_string() : "";
}

std::string access_of(const plan::Change& change) {
  const auto parameters = json::parse(change.parameters);
  return parameters ? parameters->string_or("access", "READ") : "READ";
}

}  // namespace

Result<MainframeOperators> MainframeOperators::at(const std::string& folder) {
  MainframeOperators operators;
  operators.folder_ = folder;
  TENURE_TRY(const std::string users, read_file(folder + "/mainframe-users.csv"));
  TENURE_TRY(const std::string permits, read_file(folder + "/mainframe-permits.csv"));
  operators.users_ = read_rows(users);
  operators.permits_ = read_rows(permits);
  return operators;
}

MainframeOperators::Row* MainframeOperators::find_user(const std::string& userid) {
  const auto it = std::find_if(users_.begin(), users_.end(), [&](const Row& row) { return row.at(0) == userid; });
  return it == users_.end() ? nullptr : &*it;
}

void MainframeOperators::carry_out(const plan::Change& change) {
  const std::string& userid = change.account.name;
  const auto same_right = [&](const Row& row) { return row.at(0) == userid && row.at(1) == change.entitlement.str(); };
  switch (change.verb) {
    case plan::Verb::kCreate:
      users_.push_back({userid, attribute(change, "name"), "ACTIVE", attribute(change, "person_id")});
      break;
    case plan::Verb::kUpdate:
      if (Row* user = find_user(userid); user != nullptr && !attribute(change, "name").empty())
        user->at(1) = attribute(change, "name");
      break;
    case plan::Verb::kEnable:
    case plan::Verb::kDisable:
      if (Row* user = find_user(userid); user != nullptr)
        user->at(2) = change.verb == plan::Verb::kEnable ? "ACTIVE" : "REVOKED";
      break;
    case plan::Verb::kDelete:
      std::erase_if(users_, [&](const Row& row) { return row.at(0) == userid; });
      std::erase_if(permits_, [&](const Row& row) { return row.at(0) == userid; });
      break;
    case plan::Verb::kGrant:
      std::erase_if(permits_, same_right);
      permits_.push_back({userid, change.entitlement.str(), access_of(change)});
      break;
    case plan::Verb::kRevoke:
      std::erase_if(permits_, same_right);
      break;
    default:
      break;
  }
}

Status MainframeOperators::export_now() const {
  TENURE_CHECK_OK(write_file_atomic(folder_ + "/mainframe-users.csv", write_rows(users_)));
  return write_file_atomic(folder_ + "/mainframe-permits.csv", write_rows(permits_));
}

}  // namespace tenure::demo
