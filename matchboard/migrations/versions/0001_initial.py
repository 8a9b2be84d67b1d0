"""All tables of the first release.

Written by `python -m matchboard.migrations.initial`; change the models, not this file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_entry_refuse_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        "CREATE TRIGGER audit_entry_refuse_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        "CREATE TRIGGER audit_entry_refuse_replace BEFORE INSERT ON audit_entry\nWHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id OR hash = NEW.hash)\nBEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER audit_entry_refuse BEFORE UPDATE OR DELETE ON audit_entry\nFOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
        "CREATE TRIGGER audit_entry_refuse_truncate BEFORE TRUNCATE ON audit_entry\nFOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    ),
}
LEFT_BEHIND = {"postgresql": ("DROP FUNCTION IF EXISTS audit_entry_refuse()",)}


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_pid", sa.String(length=8), nullable=True),
        sa.Column("verb", sa.String(length=48), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_pid", sa.String(length=8), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
    )
    op.create_index(op.f("ix_audit_entry_actor_pid"), "audit_entry", ["actor_pid"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_subject_pid"), "audit_entry", ["subject_pid"], unique=False
    )
    op.create_index(op.f("ix_audit_entry_verb"), "audit_entry", ["verb"], unique=False)
    op.create_table(
        "security_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_setting")),
        sa.UniqueConstraint("name", name=op.f("uq_security_setting_name")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("key", name=op.f("uq_submission_key")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "district",
                "justice_office",
                "partner",
                "provider",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("division_code", sa.String(length=6), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("pid", name=op.f("uq_unit_pid")),
    )
    op.create_index(op.f("ix_unit_kind"), "unit", ["kind"], unique=False)
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=160), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "visitor",
                "client",
                "officer",
                "enterprise",
                "coordinator",
                "district",
                "system_admin",
                "security_admin",
                "audit_admin",
                "system",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("awaits_confirmation", sa.Boolean(), nullable=False),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.Column("current_login_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_ip", sa.String(length=64), nullable=True),
        sa.Column("current_login_ip", sa.String(length=64), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
        sa.UniqueConstraint("pid", name=op.f("uq_account_pid")),
    )
    op.create_index(op.f("ix_account_role"), "account", ["role"], unique=False)
    op.create_index(op.f("ix_account_unit_id"), "account", ["unit_id"], unique=False)
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "sewing",
                "cooking",
                "electrician",
                "computing",
                "shoemaking",
                "handicraft",
                "planting_breeding",
                "other",
                name="subject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["unit.id"], name=op.f("fk_course_provider_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("pid", name=op.f("uq_course_pid")),
    )
    op.create_index(op.f("ix_course_provider_id"), "course", ["provider_id"], unique=False)
    op.create_index(op.f("ix_course_published"), "course", ["published"], unique=False)
    op.create_index(op.f("ix_course_subject"), "course", ["subject"], unique=False)
    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("name_pinyin", sa.String(length=240), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("industry", sa.String(length=60), nullable=False),
        sa.Column("employer_kinds", sa.JSON(), nullable=True),
        sa.Column(
            "base_kind",
            sa.Enum(
                "certified_enterprise",
                "government",
                name="base_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("division_code", sa.String(length=6), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "active",
                "suspended",
                "rejected",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=400), nullable=False),
        sa.Column("agreement_signed_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_partner_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("pid", name=op.f("uq_partner_pid")),
        sa.UniqueConstraint("unit_id", name=op.f("uq_partner_unit_id")),
        sa.UniqueConstraint("uscc", name=op.f("uq_partner_uscc")),
    )
    op.create_index(op.f("ix_partner_division_code"), "partner", ["division_code"], unique=False)
    op.create_index(op.f("ix_partner_name"), "partner", ["name"], unique=False)
    op.create_index(op.f("ix_partner_state"), "partner", ["state"], unique=False)
    op.create_table(
        "background_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["account.id"], name=op.f("fk_background_task_owner_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_background_task")),
        sa.UniqueConstraint("pid", name=op.f("uq_background_task_pid")),
    )
    op.create_index(
        op.f("ix_background_task_owner_id"), "background_task", ["owner_id"], unique=False
    )
    op.create_table(
        "client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_pinyin", sa.String(length=160), nullable=False),
        sa.Column("name_initials", sa.String(length=24), nullable=False),
        sa.Column("pseudonym", sa.String(length=24), nullable=False),
        sa.Column(
            "sex",
            sa.Enum(
                "male", "female", name="sex", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("id_number", sa.Text(), nullable=True),
        sa.Column("id_number_digest", sa.String(length=64), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_tail", sa.String(length=4), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "released_person",
                "former_correction_subject",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "pre_release",
                "in_support",
                "discharged",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "tier",
            sa.Enum(
                "general", "key", name="tier", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "contact_status",
            sa.Enum(
                "in_contact",
                "unreached",
                "declined",
                name="contact_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_lead_id", sa.Integer(), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("registered_division", sa.String(length=6), nullable=True),
        sa.Column("residence_division", sa.String(length=6), nullable=True),
        sa.Column("residence_address", sa.Text(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("education", sa.Integer(), nullable=True),
        sa.Column("max_commute_km", sa.Double(), nullable=True),
        sa.Column("wage_expected_cny_month", sa.Integer(), nullable=True),
        sa.Column("desired_occupations", sa.JSON(), nullable=False),
        sa.Column("shifts_ok", sa.JSON(), nullable=False),
        sa.Column("needs_lodging", sa.Boolean(), nullable=True),
        sa.Column("exertion_max", sa.Integer(), nullable=True),
        sa.Column("employment_types_ok", sa.JSON(), nullable=False),
        sa.Column("available_on", sa.Date(), nullable=True),
        sa.Column("seeking_work", sa.Boolean(), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("education BETWEEN 0 AND 5", name=op.f("ck_client_education")),
        sa.CheckConstraint("exertion_max BETWEEN 1 AND 4", name=op.f("ck_client_exertion_max")),
        sa.CheckConstraint("max_commute_km >= 0", name=op.f("ck_client_max_commute_km")),
        sa.CheckConstraint("wage_expected_cny_month >= 0", name=op.f("ck_client_wage_expected")),
        sa.ForeignKeyConstraint(
            ["case_lead_id"], ["account.id"], name=op.f("fk_client_case_lead_id_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["unit.id"], name=op.f("fk_client_office_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("id_number_digest", name=op.f("uq_client_id_number_digest")),
        sa.UniqueConstraint("pid", name=op.f("uq_client_pid")),
    )
    op.create_index(op.f("ix_client_case_lead_id"), "client", ["case_lead_id"], unique=False)
    op.create_index(op.f("ix_client_name"), "client", ["name"], unique=False)
    op.create_index(op.f("ix_client_name_initials"), "client", ["name_initials"], unique=False)
    op.create_index(op.f("ix_client_name_pinyin"), "client", ["name_pinyin"], unique=False)
    op.create_index(op.f("ix_client_office_id"), "client", ["office_id"], unique=False)
    op.create_index("ix_client_office_stage", "client", ["office_id", "stage"], unique=False)
    op.create_index(op.f("ix_client_phone_tail"), "client", ["phone_tail"], unique=False)
    op.create_index(op.f("ix_client_released_on"), "client", ["released_on"], unique=False)
    op.create_index(
        op.f("ix_client_residence_division"), "client", ["residence_division"], unique=False
    )
    op.create_index(op.f("ix_client_stage"), "client", ["stage"], unique=False)
    op.create_index(op.f("ix_client_updated_at"), "client", ["updated_at"], unique=False)
    op.create_table(
        "course_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("n_enrolled", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_course_session_capacity")),
        sa.CheckConstraint(
            "n_enrolled >= 0 AND n_enrolled <= capacity",
            name=op.f("ck_course_session_not_overbooked"),
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_course_session_date_order")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_session_course_id_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_session")),
        sa.UniqueConstraint("pid", name=op.f("uq_course_session_pid")),
    )
    op.create_index(
        op.f("ix_course_session_course_id"), "course_session", ["course_id"], unique=False
    )
    op.create_index(
        op.f("ix_course_session_starts_on"), "course_session", ["starts_on"], unique=False
    )
    op.create_table(
        "course_skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("is_certificate", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_course_skill_level")),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["course.id"],
            name=op.f("fk_course_skill_course_id_course"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_skill")),
        sa.UniqueConstraint("course_id", "code", name=op.f("uq_course_skill_course_id_code")),
    )
    op.create_index(op.f("ix_course_skill_code"), "course_skill", ["code"], unique=False)
    op.create_table(
        "form_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["account.id"],
            name=op.f("fk_form_draft_user_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_draft")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_form_draft_token_digest")),
    )
    op.create_table(
        "policy_rule_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_policy_rule_set_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_policy_rule_set_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_rule_set")),
        sa.UniqueConstraint(
            "unit_id", "effective_from", name=op.f("uq_policy_rule_set_unit_id_effective_from")
        ),
    )
    op.create_table(
        "ranking_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "candidate",
                "active",
                "retired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("n_outcomes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("artefact", sa.LargeBinary(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("may_speak", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_ranking_model_created_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_model")),
        sa.UniqueConstraint("name", name=op.f("uq_ranking_model_name")),
        sa.UniqueConstraint("pid", name=op.f("uq_ranking_model_pid")),
    )
    op.create_index(
        "uq_ranking_model_active",
        "ranking_model",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("locks_until", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["account.id"],
            name=op.f("fk_sign_in_failure_user_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_at"), "sign_in_failure", ["at"], unique=False)
    op.create_index(
        op.f("ix_sign_in_failure_email_digest_sign_in_failure_at"),
        "sign_in_failure",
        ["email_digest", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sign_in_failure_user_id"), "sign_in_failure", ["user_id"], unique=False
    )
    op.create_table(
        "vacancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "partner",
                "external",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("external_ref", sa.String(length=80), nullable=True),
        sa.Column("external_employer", sa.String(length=120), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "open",
                "paused",
                "filled",
                "closed",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=400), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "officers",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("occupation_code", sa.String(length=12), nullable=True),
        sa.Column("occupation_suggested", sa.Boolean(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("wage_min_cny_month", sa.Integer(), nullable=True),
        sa.Column("wage_max_cny_month", sa.Integer(), nullable=True),
        sa.Column(
            "wage_top_cny_month",
            sa.Integer(),
            sa.Computed("COALESCE(wage_max_cny_month, wage_min_cny_month, 0)", persisted=True),
            nullable=False,
        ),
        sa.Column("wage_hourly_cny", sa.Double(), nullable=True),
        sa.Column(
            "employment_type",
            sa.Enum(
                "full_time",
                "part_time",
                "temporary",
                "seasonal",
                "gig",
                "apprentice",
                "public_welfare",
                name="employment_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "shift",
            sa.Enum(
                "day",
                "evening",
                "night",
                "rotating",
                name="shift",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("hours_per_day", sa.Double(), nullable=True),
        sa.Column("hours_per_week", sa.Double(), nullable=True),
        sa.Column("contract_months", sa.Integer(), nullable=True),
        sa.Column("probation_months", sa.Double(), nullable=True),
        sa.Column("probation_wage_cny_month", sa.Integer(), nullable=True),
        sa.Column("deposit_free", sa.Boolean(), nullable=False),
        sa.Column("lodging_provided", sa.Boolean(), nullable=True),
        sa.Column("exertion", sa.Integer(), nullable=True),
        sa.Column("education_min", sa.Integer(), nullable=True),
        sa.Column("posts", sa.JSON(), nullable=True),
        sa.Column("licences", sa.JSON(), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("n_reserved", sa.Integer(), nullable=False),
        sa.Column("n_filled", sa.Integer(), nullable=False),
        sa.Column("open_on", sa.Date(), nullable=True),
        sa.Column("close_on", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(source = 'partner' AND partner_id IS NOT NULL) OR source = 'external'",
            name=op.f("ck_vacancy_partner_known"),
        ),
        sa.CheckConstraint("education_min BETWEEN 0 AND 5", name=op.f("ck_vacancy_education_min")),
        sa.CheckConstraint("exertion BETWEEN 1 AND 4", name=op.f("ck_vacancy_exertion")),
        sa.CheckConstraint("headcount >= 1", name=op.f("ck_vacancy_headcount")),
        sa.CheckConstraint(
            "n_reserved + n_filled <= headcount", name=op.f("ck_vacancy_not_oversold")
        ),
        sa.CheckConstraint(
            "n_reserved >= 0 AND n_filled >= 0", name=op.f("ck_vacancy_places_not_negative")
        ),
        sa.CheckConstraint(
            "occupation_code IS NOT NULL OR NOT occupation_suggested",
            name=op.f("ck_vacancy_suggestion_known"),
        ),
        sa.CheckConstraint("open_on <= close_on", name=op.f("ck_vacancy_date_order")),
        sa.CheckConstraint(
            "wage_min_cny_month <= wage_max_cny_month", name=op.f("ck_vacancy_wage_order")
        ),
        sa.CheckConstraint("wage_min_cny_month >= 0", name=op.f("ck_vacancy_wage_min")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_vacancy_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_vacancy_partner_id_partner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy")),
        sa.UniqueConstraint("pid", name=op.f("uq_vacancy_pid")),
        sa.UniqueConstraint("source", "external_ref", name=op.f("uq_vacancy_source_external_ref")),
    )
    op.create_index(
        "ix_vacancy_board",
        "vacancy",
        [
            "state",
            "visibility",
            "open_on",
            "id",
            "close_on",
            "partner_id",
            "wage_top_cny_month",
            "employment_type",
            "lodging_provided",
            "occupation_code",
            "division_code",
            "lat",
            "lon",
            "title",
        ],
        unique=False,
    )
    op.create_index(op.f("ix_vacancy_close_on"), "vacancy", ["close_on"], unique=False)
    op.create_index(op.f("ix_vacancy_division_code"), "vacancy", ["division_code"], unique=False)
    op.create_index(
        op.f("ix_vacancy_occupation_code"), "vacancy", ["occupation_code"], unique=False
    )
    op.create_index(op.f("ix_vacancy_open_on"), "vacancy", ["open_on"], unique=False)
    op.create_index(op.f("ix_vacancy_partner_id"), "vacancy", ["partner_id"], unique=False)
    op.create_index(
        "ix_vacancy_state_division", "vacancy", ["state", "division_code"], unique=False
    )
    op.create_index(
        "ix_vacancy_state_wage", "vacancy", ["state", "wage_top_cny_month"], unique=False
    )
    op.create_index(op.f("ix_vacancy_updated_at"), "vacancy", ["updated_at"], unique=False)
    op.create_table(
        "bar_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Integer(), nullable=False),
        sa.Column("rule_ids", sa.JSON(), nullable=False),
        sa.Column("may_proceed", sa.Boolean(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_bar_decision_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_bar_decision_decided_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["vacancy.id"], name=op.f("fk_bar_decision_vacancy_id_vacancy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bar_decision")),
    )
    op.create_index(op.f("ix_bar_decision_client_id"), "bar_decision", ["client_id"], unique=False)
    op.create_index(
        op.f("ix_bar_decision_vacancy_id"), "bar_decision", ["vacancy_id"], unique=False
    )
    op.create_table(
        "client_experience",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("occupation_code", sa.String(length=12), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.CheckConstraint("months >= 0", name=op.f("ck_client_experience_months")),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_client_experience_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_experience")),
    )
    op.create_index(
        op.f("ix_client_experience_client_id"), "client_experience", ["client_id"], unique=False
    )
    op.create_table(
        "correction_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_correction_request_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["account.id"], name=op.f("fk_correction_request_done_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_request")),
        sa.UniqueConstraint("pid", name=op.f("uq_correction_request_pid")),
    )
    op.create_index(
        op.f("ix_correction_request_client_id"), "correction_request", ["client_id"], unique=False
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recommended",
                "enrolled",
                "waitlisted",
                "completed",
                "dropped_out",
                "declined",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("waitlisted_at", sa.DateTime(), nullable=True),
        sa.Column("result_on", sa.Date(), nullable=True),
        sa.Column(
            "drop_reason",
            sa.Enum(
                "found_work",
                "health",
                "family",
                "too_far",
                "not_interested",
                "not_reached",
                "other",
                name="drop_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("recommended_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_enrolment_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recommended_by_id"],
            ["account.id"],
            name=op.f("fk_enrolment_recommended_by_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["course_session.id"],
            name=op.f("fk_enrolment_session_id_course_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("pid", name=op.f("uq_enrolment_pid")),
        sa.UniqueConstraint(
            "session_id", "client_id", name=op.f("uq_enrolment_session_id_client_id")
        ),
    )
    op.create_index(op.f("ix_enrolment_client_id"), "enrolment", ["client_id"], unique=False)
    op.create_index(
        "ix_enrolment_session_state", "enrolment", ["session_id", "state"], unique=False
    )
    op.create_table(
        "personal_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_personal_link_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_personal_link_token_digest")),
    )
    op.create_index(
        op.f("ix_personal_link_client_id"), "personal_link", ["client_id"], unique=False
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column(
            "placement_type",
            sa.Enum(
                "hired_by_enterprise",
                "certified_enterprise_base",
                "government_base",
                "public_welfare_post",
                "land_restored",
                "self_employed_household",
                "own_business",
                "temporary",
                "seasonal",
                "gig",
                "other",
                name="placement_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "consented",
                "sent",
                "interview",
                "offered",
                "started",
                "completed",
                "ended",
                "declined_by_client",
                "declined_by_employer",
                "no_show",
                "withdrawn",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_changed_at", sa.DateTime(), nullable=False),
        sa.Column("holds_reservation", sa.Boolean(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("shown_position", sa.Integer(), nullable=True),
        sa.Column("model_version", sa.String(length=64), nullable=True),
        sa.Column("propensity", sa.Double(), nullable=True),
        sa.Column(
            "override_reason",
            sa.Enum(
                "person_wishes",
                "employer_asked",
                "knows_workplace",
                "way_to_work",
                "family_duties",
                "record_outdated",
                "other",
                name="override_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("interview_at", sa.DateTime(), nullable=True),
        sa.Column("interview_place", sa.String(length=200), nullable=False),
        sa.Column("offered_start_on", sa.Date(), nullable=True),
        sa.Column("wage_cny_month", sa.Integer(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column(
            "end_reason",
            sa.Enum(
                "too_far",
                "wage_too_low",
                "shift_unsuitable",
                "work_too_heavy",
                "no_lodging",
                "not_interested",
                "health",
                "family",
                "found_other_work",
                "training_first",
                "skill_missing",
                "experience_missing",
                "certificate_missing",
                "position_filled",
                "position_cancelled",
                "interview_not_passed",
                "not_available_in_time",
                "did_not_come",
                "placed_elsewhere",
                "consent_withdrawn",
                "entered_in_error",
                "opening_closed",
                "quit",
                "dismissed",
                "contract_over",
                "employer_closed",
                "moved_away",
                "better_job",
                "other",
                name="end_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "vacancy_id IS NOT NULL OR state IN ('started', 'ended', 'completed')",
            name=op.f("ck_placement_without_vacancy_enters_started"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_placement_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_placement_partner_id_partner")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["account.id"], name=op.f("fk_placement_proposed_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["vacancy.id"], name=op.f("fk_placement_vacancy_id_vacancy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("pid", name=op.f("uq_placement_pid")),
    )
    op.create_index(op.f("ix_placement_client_id"), "placement", ["client_id"], unique=False)
    op.create_index(op.f("ix_placement_partner_id"), "placement", ["partner_id"], unique=False)
    op.create_index(op.f("ix_placement_started_on"), "placement", ["started_on"], unique=False)
    op.create_index(
        "ix_placement_state_changed", "placement", ["state", "state_changed_at"], unique=False
    )
    op.create_index(op.f("ix_placement_vacancy_id"), "placement", ["vacancy_id"], unique=False)
    op.create_index(
        "uq_placement_live_client_vacancy",
        "placement",
        ["client_id", "vacancy_id"],
        unique=True,
        sqlite_where=sa.text(
            "state IN ('proposed', 'consented', 'sent', 'interview', 'offered', 'started')"
        ),
        postgresql_where=sa.text(
            "state IN ('proposed', 'consented', 'sent', 'interview', 'offered', 'started')"
        ),
    )
    op.create_index(
        "uq_placement_started_client",
        "placement",
        ["client_id"],
        unique=True,
        sqlite_where=sa.text("state = 'started'"),
        postgresql_where=sa.text("state = 'started'"),
    )
    op.create_table(
        "restricted_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_restricted_record_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restricted_record")),
        sa.UniqueConstraint("client_id", name=op.f("uq_restricted_record_client_id")),
    )
    op.create_table(
        "shown_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("vacancy_pids", sa.JSON(), nullable=False),
        sa.Column("ranks", sa.JSON(), nullable=False),
        sa.Column("propensities", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_shown_list_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account.id"], name=op.f("fk_shown_list_user_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_list")),
    )
    op.create_index(op.f("ix_shown_list_client_id"), "shown_list", ["client_id"], unique=False)
    op.create_table(
        "vacancy_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_vacancy_event_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"],
            ["vacancy.id"],
            name=op.f("fk_vacancy_event_vacancy_id_vacancy"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy_event")),
    )
    op.create_index(
        op.f("ix_vacancy_event_vacancy_id"), "vacancy_event", ["vacancy_id"], unique=False
    )
    op.create_table(
        "vacancy_requirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "required",
                "preferred",
                "certificate",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_vacancy_requirement_level")),
        sa.ForeignKeyConstraint(
            ["vacancy_id"],
            ["vacancy.id"],
            name=op.f("fk_vacancy_requirement_vacancy_id_vacancy"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy_requirement")),
        sa.UniqueConstraint(
            "vacancy_id", "code", "kind", name=op.f("uq_vacancy_requirement_vacancy_id_code_kind")
        ),
    )
    op.create_index(
        op.f("ix_vacancy_requirement_code"), "vacancy_requirement", ["code"], unique=False
    )
    op.create_table(
        "client_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("seen_by_officer", sa.Boolean(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_client_certificate_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_client_certificate_enrolment_id_enrolment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_certificate")),
        sa.UniqueConstraint("client_id", "code", name=op.f("uq_client_certificate_client_id_code")),
    )
    op.create_index(
        op.f("ix_client_certificate_code"), "client_certificate", ["code"], unique=False
    )
    op.create_index(
        op.f("ix_client_certificate_enrolment_id"),
        "client_certificate",
        ["enrolment_id"],
        unique=False,
    )
    op.create_table(
        "client_skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("skill_code", sa.String(length=60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "self_stated",
                "officer",
                "employer",
                "certificate",
                "course",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_client_skill_level")),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_client_skill_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_client_skill_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_skill")),
        sa.UniqueConstraint(
            "client_id", "skill_code", name=op.f("uq_client_skill_client_id_skill_code")
        ),
    )
    op.create_index(
        op.f("ix_client_skill_enrolment_id"), "client_skill", ["enrolment_id"], unique=False
    )
    op.create_index(
        op.f("ix_client_skill_skill_code"), "client_skill", ["skill_code"], unique=False
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "card",
                "card_and_contact",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("text_version", sa.String(length=16), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "signed_at_desk",
                "personal_link",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_consent_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_consent_partner_id_partner")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_consent_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_consent_recorded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_client_id"), "consent", ["client_id"], unique=False)
    op.create_index(op.f("ix_consent_partner_id"), "consent", ["partner_id"], unique=False)
    op.create_index(op.f("ix_consent_placement_id"), "consent", ["placement_id"], unique=False)
    op.create_table(
        "enrolment_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_enrolment_event_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_enrolment_event_enrolment_id_enrolment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_event")),
    )
    op.create_index(
        op.f("ix_enrolment_event_enrolment_id"), "enrolment_event", ["enrolment_id"], unique=False
    )
    op.create_table(
        "outcome_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("still_employed", sa.Boolean(), nullable=True),
        sa.Column("same_employer", sa.Boolean(), nullable=True),
        sa.Column("wage_cny_month", sa.Integer(), nullable=True),
        sa.Column("hours_per_week", sa.Double(), nullable=True),
        sa.Column("own_words", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_outcome_check_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_outcome_check_recorded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_check")),
        sa.UniqueConstraint("placement_id", "day", name=op.f("uq_outcome_check_placement_id_day")),
    )
    op.create_index(op.f("ix_outcome_check_done_on"), "outcome_check", ["done_on"], unique=False)
    op.create_index(op.f("ix_outcome_check_due_on"), "outcome_check", ["due_on"], unique=False)
    op.create_table(
        "placement_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "too_far",
                "wage_too_low",
                "shift_unsuitable",
                "work_too_heavy",
                "no_lodging",
                "not_interested",
                "health",
                "family",
                "found_other_work",
                "training_first",
                "skill_missing",
                "experience_missing",
                "certificate_missing",
                "position_filled",
                "position_cancelled",
                "interview_not_passed",
                "not_available_in_time",
                "did_not_come",
                "placed_elsewhere",
                "consent_withdrawn",
                "entered_in_error",
                "opening_closed",
                "quit",
                "dismissed",
                "contract_over",
                "employer_closed",
                "moved_away",
                "better_job",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_placement_event_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_placement_event_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_event")),
    )
    op.create_index(
        op.f("ix_placement_event_placement_id"), "placement_event", ["placement_id"], unique=False
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.Column("seen_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_reminder_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_reminder_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("key", name=op.f("uq_reminder_key")),
    )
    op.create_index(op.f("ix_reminder_placement_id"), "reminder", ["placement_id"], unique=False)
    op.create_index(op.f("ix_reminder_unit_id"), "reminder", ["unit_id"], unique=False)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(sa.DDL(statement))


def downgrade() -> None:
    op.drop_index(op.f("ix_reminder_unit_id"), table_name="reminder")
    op.drop_index(op.f("ix_reminder_placement_id"), table_name="reminder")
    op.drop_table("reminder")
    op.drop_index(op.f("ix_placement_event_placement_id"), table_name="placement_event")
    op.drop_table("placement_event")
    op.drop_index(op.f("ix_outcome_check_due_on"), table_name="outcome_check")
    op.drop_index(op.f("ix_outcome_check_done_on"), table_name="outcome_check")
    op.drop_table("outcome_check")
    op.drop_index(op.f("ix_enrolment_event_enrolment_id"), table_name="enrolment_event")
    op.drop_table("enrolment_event")
    op.drop_index(op.f("ix_consent_placement_id"), table_name="consent")
    op.drop_index(op.f("ix_consent_partner_id"), table_name="consent")
    op.drop_index(op.f("ix_consent_client_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index(op.f("ix_client_skill_skill_code"), table_name="client_skill")
    op.drop_index(op.f("ix_client_skill_enrolment_id"), table_name="client_skill")
    op.drop_table("client_skill")
    op.drop_index(op.f("ix_client_certificate_enrolment_id"), table_name="client_certificate")
    op.drop_index(op.f("ix_client_certificate_code"), table_name="client_certificate")
    op.drop_table("client_certificate")
    op.drop_index(op.f("ix_vacancy_requirement_code"), table_name="vacancy_requirement")
    op.drop_table("vacancy_requirement")
    op.drop_index(op.f("ix_vacancy_event_vacancy_id"), table_name="vacancy_event")
    op.drop_table("vacancy_event")
    op.drop_index(op.f("ix_shown_list_client_id"), table_name="shown_list")
    op.drop_table("shown_list")
    op.drop_table("restricted_record")
    op.drop_index(
        "uq_placement_started_client",
        table_name="placement",
        sqlite_where=sa.text("state = 'started'"),
        postgresql_where=sa.text("state = 'started'"),
    )
    op.drop_index(
        "uq_placement_live_client_vacancy",
        table_name="placement",
        sqlite_where=sa.text(
            "state IN ('proposed', 'consented', 'sent', 'interview', 'offered', 'started')"
        ),
        postgresql_where=sa.text(
            "state IN ('proposed', 'consented', 'sent', 'interview', 'offered', 'started')"
        ),
    )
    op.drop_index(op.f("ix_placement_vacancy_id"), table_name="placement")
    op.drop_index("ix_placement_state_changed", table_name="placement")
    op.drop_index(op.f("ix_placement_started_on"), table_name="placement")
    op.drop_index(op.f("ix_placement_partner_id"), table_name="placement")
    op.drop_index(op.f("ix_placement_client_id"), table_name="placement")
    op.drop_table("placement")
    op.drop_index(op.f("ix_personal_link_client_id"), table_name="personal_link")
    op.drop_table("personal_link")
    op.drop_index("ix_enrolment_session_state", table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_client_id"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_index(op.f("ix_correction_request_client_id"), table_name="correction_request")
    op.drop_table("correction_request")
    op.drop_index(op.f("ix_client_experience_client_id"), table_name="client_experience")
    op.drop_table("client_experience")
    op.drop_index(op.f("ix_bar_decision_vacancy_id"), table_name="bar_decision")
    op.drop_index(op.f("ix_bar_decision_client_id"), table_name="bar_decision")
    op.drop_table("bar_decision")
    op.drop_index(op.f("ix_vacancy_updated_at"), table_name="vacancy")
    op.drop_index("ix_vacancy_state_wage", table_name="vacancy")
    op.drop_index("ix_vacancy_state_division", table_name="vacancy")
    op.drop_index(op.f("ix_vacancy_partner_id"), table_name="vacancy")
    op.drop_index(op.f("ix_vacancy_open_on"), table_name="vacancy")
    op.drop_index(op.f("ix_vacancy_occupation_code"), table_name="vacancy")
    op.drop_index(op.f("ix_vacancy_division_code"), table_name="vacancy")
    op.drop_index(op.f("ix_vacancy_close_on"), table_name="vacancy")
    op.drop_index("ix_vacancy_board", table_name="vacancy")
    op.drop_table("vacancy")
    op.drop_index(op.f("ix_sign_in_failure_user_id"), table_name="sign_in_failure")
    op.drop_index(
        op.f("ix_sign_in_failure_email_digest_sign_in_failure_at"), table_name="sign_in_failure"
    )
    op.drop_index(op.f("ix_sign_in_failure_at"), table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
    op.drop_index(
        "uq_ranking_model_active",
        table_name="ranking_model",
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.drop_table("ranking_model")
    op.drop_table("policy_rule_set")
    op.drop_table("form_draft")
    op.drop_index(op.f("ix_course_skill_code"), table_name="course_skill")
    op.drop_table("course_skill")
    op.drop_index(op.f("ix_course_session_starts_on"), table_name="course_session")
    op.drop_index(op.f("ix_course_session_course_id"), table_name="course_session")
    op.drop_table("course_session")
    op.drop_index(op.f("ix_client_updated_at"), table_name="client")
    op.drop_index(op.f("ix_client_stage"), table_name="client")
    op.drop_index(op.f("ix_client_residence_division"), table_name="client")
    op.drop_index(op.f("ix_client_released_on"), table_name="client")
    op.drop_index(op.f("ix_client_phone_tail"), table_name="client")
    op.drop_index("ix_client_office_stage", table_name="client")
    op.drop_index(op.f("ix_client_office_id"), table_name="client")
    op.drop_index(op.f("ix_client_name_pinyin"), table_name="client")
    op.drop_index(op.f("ix_client_name_initials"), table_name="client")
    op.drop_index(op.f("ix_client_name"), table_name="client")
    op.drop_index(op.f("ix_client_case_lead_id"), table_name="client")
    op.drop_table("client")
    op.drop_index(op.f("ix_background_task_owner_id"), table_name="background_task")
    op.drop_table("background_task")
    op.drop_index(op.f("ix_partner_state"), table_name="partner")
    op.drop_index(op.f("ix_partner_name"), table_name="partner")
    op.drop_index(op.f("ix_partner_division_code"), table_name="partner")
    op.drop_table("partner")
    op.drop_index(op.f("ix_course_subject"), table_name="course")
    op.drop_index(op.f("ix_course_published"), table_name="course")
    op.drop_index(op.f("ix_course_provider_id"), table_name="course")
    op.drop_table("course")
    op.drop_index(op.f("ix_account_unit_id"), table_name="account")
    op.drop_index(op.f("ix_account_role"), table_name="account")
    op.drop_table("account")
    op.drop_index(op.f("ix_unit_parent_id"), table_name="unit")
    op.drop_index(op.f("ix_unit_kind"), table_name="unit")
    op.drop_table("unit")
    op.drop_table("submission")
    op.drop_table("security_setting")
    op.drop_index(op.f("ix_audit_entry_verb"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_subject_pid"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor_pid"), table_name="audit_entry")
    op.drop_table("audit_entry")
    for statement in LEFT_BEHIND.get(op.get_bind().dialect.name, ()):
        op.execute(statement)
