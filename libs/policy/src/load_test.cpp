// What a wrong repository is told: every fault at once, with its place and what to do.
#include <gtest/gtest.h>

#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

const std::string kSettings = R"(apiVersion: tenure/v1
kind: Settings
metadata: { name: small }
attributes: { person_id: string, department: string, level: int }
groups: { security: [cai] }
)";
const std::string kSource = R"(apiVersion: tenure/v1
kind: Source
metadata: { name: hr, owner: ana }
connector: csv
connection: { file: hr.csv }
key: id
columns: [id, department, level]
identity: { key: person_id, correlate: person_id }
attributes: { person_id: record.id, department: record.department, level: record.level }
)";
const std::string kTarget = R"(apiVersion: tenure/v1
kind: Target
metadata: { name: directory, owner: ana }
connector: ldap
connection: {}
classes:
  people: { account: { login: identity.person_id } }
  guests: {}
entitlements:
  staff: { title: Staff, owner: ana }
  data: { title: Data, owner: ana, parameters: { access: [READ, UPDATE] } }
scopes: [{ entitlements: "old-*", scope: observed }]
)";
const std::string kRole = R"(apiVersion: tenure/v1
kind: Role
metadata: { name: staff, owner: ana }
assign: identity.department == "Sales"
grants: [{ target: directory, class: people, entitlements: [staff] }]
)";

std::vector<Document> repository() {
  return {{"tenure.yaml", kSettings}, {"hr.yaml", kSource}, {"directory.yaml", kTarget}, {"role.yaml", kRole}};
}

// `file` with `from` replaced by `to` (or appended when `from` is empty).
std::vector<Document> changed(const std::string& file, const std::string& from, const std::string& to) {
  auto documents = repository();
  for (Document& document : documents) {
    if (document.path != file) continue;
    const std::size_t at = from.empty() ? document.text.size() : document.text.find(from);
    if (at == std::string::npos) {
      ADD_FAILURE() << file << " does not contain " << from;
      continue;
    }
    document.text.replace(at, from.size(), to);
  }
  return documents;
}

std::string all(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& one : diagnostics.sorted()) text += render(one) + "\n";
  return text;
}

TEST(Load, AcceptsTheRepositoryThatTheFaultsAreMadeFrom) {
  Diagnostics diagnostics;
  EXPECT_TRUE(load(repository(), diagnostics));
  EXPECT_EQ(all(diagnostics), "");
}

struct Fault {
  const char* name;
  const char* file;
  const char* from;
  const char* to;
  Reason reason;
  const char* place;
  const char* says;  // part of the rendered diagnostic
};

class LoadFault : public ::testing::TestWithParam<Fault> {};

TEST_P(LoadFault, IsToldWithPlaceAndRemedy) {
  Diagnostics diagnostics;
  const Fault& fault = GetParam();
  EXPECT_FALSE(load(changed(fault.file, fault.from, fault.to), diagnostics));
  bool found = false;
  for (const Diagnostic& one : diagnostics.sorted())
    found = found || (one.reason == fault.reason && one.place.to_string() == fault.place &&
                      render(one).find(fault.says) != std::string::npos);
  EXPECT_TRUE(found) << all(diagnostics);
}

INSTANTIATE_TEST_SUITE_P(
    All, LoadFault,
    ::testing::Values(
        Fault{"UnknownKey", "role.yaml", "assign:", "asign:", Reason::kPolicySchema, "role.yaml:4:1",
              "did you mean \"assign\"?"},
        Fault{"MissingMember", "hr.yaml", "key: id\n", "", Reason::kPolicySchema, "hr.yaml:1:1", "lacks \"key\""},
        Fault{"WrongType", "role.yaml", "[{ target", "{ grants: [{ target", Reason::kYamlSyntax, "role.yaml:6:1", ""},
        Fault{"GrantsIsText", "role.yaml", "[{ target: directory, class: people, entitlements: [staff] }]", "all",
              Reason::kPolicySchema, "role.yaml:5:9", "a list"},
        Fault{"ApiVersion", "role.yaml", "tenure/v1", "tenure/v2", Reason::kPolicySchema, "role.yaml:1:13",
              "tenure/v1"},
        Fault{"Kind", "role.yaml", "kind: Role", "kind: Rolle", Reason::kPolicySchema, "role.yaml:2:7",
              "did you mean \"Role\"?"},
        Fault{"NoOwner", "role.yaml", ", owner: ana", "", Reason::kPolicySchema, "role.yaml:3:19", "has no owner"},
        Fault{"EmptyOwner", "directory.yaml", "title: Staff, owner: ana", "title: Staff, owner: ''",
              Reason::kPolicySchema, "directory.yaml:10:34", "answers for it"},
        Fault{"BadName", "role.yaml", "name: staff", "name: 'st aff'", Reason::kPolicySchema, "role.yaml:3:20",
              "letters"},
        Fault{"Enum", "directory.yaml", "guests: {}", "guests: { purpose: norml }", Reason::kPolicySchema,
              "directory.yaml:8:22", "did you mean \"normal\"?"},
        Fault{"AttributeType", "tenure.yaml", "level: int", "level: integer", Reason::kPolicySchema, "tenure.yaml:4:61",
              "one of string, int"},
        Fault{"ReservedAttribute", "tenure.yaml", "level: int", "level: int, kind: string", Reason::kPolicySchema,
              "tenure.yaml:4:66", "cannot be the name"},
        Fault{"Duration", "directory.yaml", "", "baseline_deadline: 30\n", Reason::kPolicySchema,
              "directory.yaml:13:20", "30d or 12h"},
        Fault{"Number", "directory.yaml", "", "limits: { concurrency: 0 }\n", Reason::kPolicySchema,
              "directory.yaml:13:24", "from 1 to 1000"},
        Fault{"Boolean", "directory.yaml", "", "revert_drift: yes\n", Reason::kPolicySchema, "directory.yaml:13:15",
              "true or false"},
        Fault{"CelSyntax", "role.yaml", "== \"Sales\"", "== \"Sales", Reason::kCelSyntax, "role.yaml:4:38",
              "not closed"},
        Fault{"CelName", "role.yaml", "identity.department", "identity.departement", Reason::kCelUnknownName,
              "role.yaml:4:18", "department"},
        Fault{"CelType", "role.yaml", "== \"Sales\"", "> 3", Reason::kCelType, "role.yaml:4:29", ""},
        Fault{"NotACondition", "role.yaml", " == \"Sales\"", "", Reason::kCelType, "role.yaml:4:18", "bool"},
        Fault{"NullColumn", "hr.yaml", "department: record.department", "department: record.department + 'x'",
              Reason::kCelType, "hr.yaml:9:56", "may be null"},
        Fault{"MappingType", "hr.yaml", "level: record.level", "level: 1.5", Reason::kCelType, "hr.yaml:9:75",
              "must be int"},
        Fault{"UnknownColumn", "hr.yaml", "key: id\n", "key: idd\n", Reason::kPolicyReference, "hr.yaml:6:6",
              "did you mean"},
        Fault{"ColumnTwice", "hr.yaml", "columns: [id,", "columns: [id, id,", Reason::kPolicyDuplicate, "hr.yaml:7:15",
              ""},
        Fault{"UndeclaredAttribute", "hr.yaml", "level: record.level", "levl: record.level", Reason::kPolicyReference,
              "hr.yaml:9:68", "did you mean \"level\"?"},
        Fault{"CorrelateUnmapped", "hr.yaml", "correlate: person_id", "correlate: persn_id", Reason::kPolicyReference,
              "hr.yaml:8:40", "does not map"},
        Fault{"RelationAttribute", "hr.yaml", "", "relations: { manager: { attribute: nobody, from: record.id } }\n",
              Reason::kPolicyReference, "hr.yaml:10:36", "does not declare"},
        Fault{"UnknownTarget", "role.yaml", "target: directory", "target: directry", Reason::kPolicyReference,
              "role.yaml:5:20", "did you mean \"directory\"?"},
        Fault{"UnknownClass", "role.yaml", "class: people", "class: poeple", Reason::kPolicyReference, "role.yaml:5:38",
              "did you mean \"people\"?"},
        Fault{"ClassNeeded", "role.yaml", " class: people,", "", Reason::kPolicyReference, "role.yaml:5:10",
              "which account class"},
        Fault{"ClassWithoutLogin", "role.yaml", "class: people", "class: guests", Reason::kPolicyReference,
              "role.yaml:5:10", "login"},
        Fault{"UnknownEntitlement", "role.yaml", "[staff]", "[stuff]", Reason::kPolicyReference, "role.yaml:5:61",
              "did you mean \"staff\"?"},
        Fault{"UnknownParameter", "role.yaml", "[staff]", "[{ id: data, acess: READ }]", Reason::kPolicyReference,
              "role.yaml:5:67", "did you mean \"access\"?"},
        Fault{"UnknownValue", "role.yaml", "[staff]", "[{ id: data, access: REED }]", Reason::kPolicyReference,
              "role.yaml:5:67", "did you mean \"READ\"?"},
        Fault{"ExampleAttribute", "role.yaml", "",
              "examples: [{ identity: { departmnt: x }, holds: { directory: [staff] } }]\n", Reason::kPolicyReference,
              "role.yaml:6:26", "did you mean \"department\"?"},
        Fault{"ExampleEntitlement", "role.yaml", "",
              "examples: [{ identity: { level: 1 }, holds: { directory: [stff] } }]\n", Reason::kPolicyReference,
              "role.yaml:6:59", "did you mean \"staff\"?"},
        Fault{"ExampleExpectsNothing", "role.yaml", "", "examples: [{ identity: { level: 1 } }]\n",
              Reason::kPolicySchema, "role.yaml:6:12", "expects nothing"},
        Fault{"TwoRoles", "role.yaml", "",
              "---\n"
              "apiVersion: tenure/v1\nkind: Role\nmetadata: { name: staff, owner: ana }\nassign: 'true'\ngrants: []\n",
              Reason::kPolicyDuplicate, "role.yaml:9:19", "role.yaml:1:1"},
        Fault{"TwoLogins", "directory.yaml", "login: identity.person_id",
              "login: identity.person_id, uid: { allocate: identity.person_id, login: true }", Reason::kPolicySchema,
              "directory.yaml:7:24", "more than one login"},
        Fault{"AllocatedTwice", "directory.yaml", "guests: {}",
              "guests: { account: { uid: { allocate: identity.key } } }\n  extra: { account: { uid: { allocate: "
              "identity.key } } }",
              Reason::kPolicyDuplicate, "directory.yaml:8:41", "allocated a second time"},
        Fault{"ApproverUnknown", "role.yaml", "",
              "---\n"
              "apiVersion: tenure/v1\nkind: Approval\nmetadata: { name: a }\napprovers: [securty]\n",
              Reason::kPolicyReference, "role.yaml:10:12", "did you mean \"security\"?"},
        Fault{"WhenAndOtherwise", "role.yaml", "",
              "---\n"
              "apiVersion: tenure/v1\nkind: Approval\nmetadata: { name: a }\nwhen: change.manual\notherwise: true\n",
              Reason::kPolicySchema, "role.yaml:10:7", "both"},
        Fault{"ColumnInCharacters", "role.yaml", "\"Sales\"", "\"ž\" && identity.nothing", Reason::kCelUnknownName,
              "role.yaml:4:48", "nothing"}),
    [](const auto& test) { return test.param.name; });

TEST(Load, AllFaultsOfAllDocumentsAtOnce) {
  auto documents = repository();
  documents[0].text.replace(documents[0].text.find("level: int"), 10, "level: number");
  documents[1].text += "prio: 3\n";
  documents[2].text += "limit: {}\n";
  documents[3].text.replace(documents[3].text.find("[staff]"), 7, "[one, two]");
  documents.push_back({"broken.yaml", "a: [\n"});
  Diagnostics diagnostics;
  EXPECT_FALSE(load(documents, diagnostics));
  EXPECT_EQ(diagnostics.error_count(), 6U) << all(diagnostics);
}

TEST(Load, WithoutSettingsSaysSo) {
  Diagnostics diagnostics;
  EXPECT_FALSE(load({{"role.yaml", kRole}}, diagnostics));
  EXPECT_NE(all(diagnostics).find("no Settings document"), std::string::npos);
}

TEST(Load, GrantingWhatIsOnlyObservedIsAWarning) {
  auto documents = changed("directory.yaml", "  staff: {", "  old-one: { title: Old, owner: ana }\n  staff: {");
  documents[3].text.replace(documents[3].text.find("[staff]"), 7, "[old-one]");
  Diagnostics diagnostics;
  EXPECT_TRUE(load(documents, diagnostics));
  EXPECT_NE(all(diagnostics).find("only observed"), std::string::npos);
}

TEST(Load, TheOrderOfClassesCountsAndTheOrderOfEntitlementsDoesNot) {
  Diagnostics diagnostics;
  const auto set = load(repository(), diagnostics);
  EXPECT_EQ(set->targets.at(model::TargetName("directory")).classes.front().name, "people");
  const std::string people = "  people: { account: { login: identity.person_id } }\n", guests = "  guests: {}\n";
  const auto classes = load(changed("directory.yaml", people + guests, guests + people), diagnostics);
  EXPECT_NE(classes->digest, set->digest);
  const std::string staff = "  staff: { title: Staff, owner: ana }\n";
  const std::string data = "  data: { title: Data, owner: ana, parameters: { access: [READ, UPDATE] } }\n";
  const auto entitlements = load(changed("directory.yaml", staff + data, data + staff), diagnostics);
  EXPECT_EQ(entitlements->digest, set->digest);
}

TEST(Load, ScopesAndRisks) {
  Diagnostics diagnostics;
  const auto set = load(repository(), diagnostics);
  const TargetDoc& target = set->targets.at(model::TargetName("directory"));
  EXPECT_EQ(target.scope_of(model::EntitlementId("old-wiki")), model::Scope::kObserved);
  EXPECT_EQ(target.scope_of(model::EntitlementId("staff")), model::Scope::kManaged);
  EXPECT_EQ(target.risk_of(model::EntitlementId("staff")), model::Risk::kLow);
  EXPECT_EQ(target.risk_of(model::EntitlementId("never heard of")), model::Risk::kPrivileged);
}

}  // namespace
}  // namespace tenure::policy
