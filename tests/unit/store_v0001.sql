-- A store as version 0.1.0 made and filled it, written out with sqlite3's iterdump; read by test_store_upgrade.py.
BEGIN TRANSACTION;
CREATE TABLE audit (
	number INTEGER NOT NULL,
	at VARCHAR(27) NOT NULL,
	event TEXT NOT NULL,
	who TEXT NOT NULL,
	account TEXT,
	vendor TEXT,
	customer_id TEXT,
	body TEXT NOT NULL,
	digest TEXT NOT NULL,
	CONSTRAINT audit_pk PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,'2026-11-22T08:30:00.123456Z','store_made','tidegate',NULL,NULL,NULL,'{"installation":"X05A"}','8c28385ac07c883875b3645c78e8891a354f3b56b21bfbda2a3284ef102a3c04');
INSERT INTO "audit" VALUES(2,'2026-11-22T08:30:00.123456Z','lease_taken','test','tencent-main',NULL,NULL,'{"epoch":1}','6e91c1044eb904949f420942765c58543b76054d7be1d772ed115f429cabc541');
INSERT INTO "audit" VALUES(3,'2026-11-22T08:30:00.123456Z','intent_recorded','anna','tencent-main','tencent','100','{"absent_since":null,"action":"set_amount","before":{"granted":[1000,"USD"],"kind":"credit_line","on_exhaustion":null,"restriction":"none"},"change":[1500,"USD"],"closed_at":null,"code":"","epoch":1,"fence_at":null,"id":"00000000000000000000000001","indirect_partner_id":"partner 7","inputs_hash":"f00d","mark":"tgTEST00000000000000000000000001","outcome":"","proven":true,"recorded_at":"2026-11-22T08:30:00.123456Z","request_id":"","rows_before":3,"run":"run","send_before":null,"sent_at":null,"state":"recorded","wanted":{"granted":[2500,"USD"],"kind":"credit_line","on_exhaustion":"freeze","restriction":null}}','57a9c78d7f617fc4c9267dc25dde615b67199e540e775f93367bb00fbe08237c');
INSERT INTO "audit" VALUES(4,'2026-11-22T08:30:00.123456Z','intent_moved','anna','tencent-main','tencent','100','{"absent_since":null,"closed_at":null,"code":"FailedOperation","epoch":1,"fence_at":"2026-11-22T08:39:00.123456Z","from":"recorded","id":"00000000000000000000000001","mark":"tgTEST00000000000000000000000001","outcome":"now sent","proven":true,"request_id":"request-1","send_before":"2026-11-22T08:32:00.123456Z","sent_at":"2026-11-22T08:31:00.123456Z","state":"sent"}','73e88493e4dc807731bc2d238a5772896bfd4ca2e2aa103445211dc7e5ea14b9');
INSERT INTO "audit" VALUES(5,'2026-11-22T08:30:00.123456Z','intent_moved','anna','tencent-main','tencent','100','{"absent_since":null,"closed_at":null,"code":"FailedOperation","epoch":1,"fence_at":"2026-11-22T08:39:00.123456Z","from":"sent","id":"00000000000000000000000001","mark":"tgTEST00000000000000000000000001","outcome":"now confirmed","proven":true,"request_id":"request-1","send_before":"2026-11-22T08:32:00.123456Z","sent_at":"2026-11-22T08:31:00.123456Z","state":"confirmed"}','7f6414059a97ecaee22adbf08211df4373caca6f42687671ffb7d32795e28325');
INSERT INTO "audit" VALUES(6,'2026-11-22T08:30:00.123456Z','intent_moved','anna','tencent-main','tencent','100','{"absent_since":null,"closed_at":"2026-11-22T08:40:00.123456Z","code":"FailedOperation","epoch":1,"fence_at":"2026-11-22T08:39:00.123456Z","from":"confirmed","id":"00000000000000000000000001","mark":"tgTEST00000000000000000000000001","outcome":"now settled_applied","proven":true,"request_id":"request-1","send_before":"2026-11-22T08:32:00.123456Z","sent_at":"2026-11-22T08:31:00.123456Z","state":"settled_applied"}','0489de0d8af8af2082310aac29b89ef50c678bcb915a4f7d94ba8c9333bf1421');
INSERT INTO "audit" VALUES(7,'2026-11-22T08:30:00.123456Z','intent_recorded','anna','tencent-main','tencent','100','{"absent_since":null,"action":"set_amount","before":{"granted":[1000,"USD"],"kind":"credit_line","on_exhaustion":null,"restriction":"none"},"change":[1500,"USD"],"closed_at":null,"code":"","epoch":1,"fence_at":null,"id":"00000000000000000000000002","indirect_partner_id":"partner 7","inputs_hash":"f00d","mark":"tgTEST00000000000000000000000002","outcome":"","proven":true,"recorded_at":"2026-11-22T08:30:00.123456Z","request_id":"","rows_before":3,"run":"run","send_before":null,"sent_at":null,"state":"recorded","wanted":{"granted":[2500,"USD"],"kind":"credit_line","on_exhaustion":"freeze","restriction":null}}','d8f6c8cb408eb074197c1608806dbaebf3f9f668b0670e849048647bb689c349');
INSERT INTO "audit" VALUES(8,'2026-11-22T08:30:00.123456Z','intent_moved','anna','tencent-main','tencent','100','{"absent_since":null,"closed_at":null,"code":"FailedOperation","epoch":1,"fence_at":"2026-11-22T08:39:00.123456Z","from":"recorded","id":"00000000000000000000000002","mark":"tgTEST00000000000000000000000002","outcome":"now sent","proven":true,"request_id":"request-1","send_before":"2026-11-22T08:32:00.123456Z","sent_at":"2026-11-22T08:31:00.123456Z","state":"sent"}','3eef10bb497365d543cbebad9292349b84c057f8e3e48c0b7e00cfb00f574d62');
INSERT INTO "audit" VALUES(9,'2026-11-22T08:30:00.123456Z','intent_moved','anna','tencent-main','tencent','100','{"absent_since":null,"closed_at":"2026-11-22T08:40:00.123456Z","code":"FailedOperation","epoch":1,"fence_at":"2026-11-22T08:39:00.123456Z","from":"sent","id":"00000000000000000000000002","mark":"tgTEST00000000000000000000000002","outcome":"now refused","proven":true,"request_id":"request-1","send_before":"2026-11-22T08:32:00.123456Z","sent_at":"2026-11-22T08:31:00.123456Z","state":"refused"}','9908de064700c46ca8d8c1bbc536aab7c4ed20ea1fb6a31c4dc5e69508b01327');
INSERT INTO "audit" VALUES(10,'2026-11-22T08:30:00.123456Z','intent_recorded','anna','tencent-main','tencent','100','{"absent_since":null,"action":"set_amount","before":{"granted":[1000,"USD"],"kind":"credit_line","on_exhaustion":null,"restriction":"none"},"change":[1500,"USD"],"closed_at":null,"code":"","epoch":1,"fence_at":null,"id":"00000000000000000000000003","indirect_partner_id":"partner 7","inputs_hash":"f00d","mark":"tgTEST00000000000000000000000003","outcome":"","proven":true,"recorded_at":"2026-11-22T08:30:00.123456Z","request_id":"","rows_before":3,"run":"run","send_before":null,"sent_at":null,"state":"recorded","wanted":{"granted":[2500,"USD"],"kind":"credit_line","on_exhaustion":"freeze","restriction":null}}','329a6ab2f25207abc5f4e67a1e416cdb234dba541d45996d346ea8264fc2fd5c');
INSERT INTO "audit" VALUES(11,'2026-11-22T08:30:00.123456Z','intent_moved','anna','tencent-main','tencent','100','{"absent_since":null,"closed_at":null,"code":"FailedOperation","epoch":1,"fence_at":"2026-11-22T08:39:00.123456Z","from":"recorded","id":"00000000000000000000000003","mark":"tgTEST00000000000000000000000003","outcome":"now sent","proven":true,"request_id":"request-1","send_before":"2026-11-22T08:32:00.123456Z","sent_at":"2026-11-22T08:31:00.123456Z","state":"sent"}','0cfc15415a1036c3200c4e2b2529d1178223f861aead8062bc3665028c2cd1c6');
INSERT INTO "audit" VALUES(12,'2026-11-22T08:30:00.123456Z','intent_moved','anna','tencent-main','tencent','100','{"absent_since":null,"closed_at":null,"code":"FailedOperation","epoch":1,"fence_at":"2026-11-22T08:39:00.123456Z","from":"sent","id":"00000000000000000000000003","mark":"tgTEST00000000000000000000000003","outcome":"now uncertain","proven":true,"request_id":"request-1","send_before":"2026-11-22T08:32:00.123456Z","sent_at":"2026-11-22T08:31:00.123456Z","state":"uncertain"}','5ea70929304316bc896b9c30e42a8381e651e9091a37c88c1b4ba20adb74bf2f');
INSERT INTO "audit" VALUES(13,'2026-11-22T08:30:00.123456Z','intent_recorded','anna','tencent-main','tencent','200','{"absent_since":null,"action":"set_amount","before":{"granted":[1000,"USD"],"kind":"credit_line","on_exhaustion":null,"restriction":"none"},"change":[1500,"USD"],"closed_at":null,"code":"","epoch":1,"fence_at":null,"id":"00000000000000000000000004","indirect_partner_id":"partner 7","inputs_hash":"f00d","mark":"tgTEST00000000000000000000000004","outcome":"","proven":true,"recorded_at":"2026-11-22T08:30:00.123456Z","request_id":"","rows_before":3,"run":"run","send_before":null,"sent_at":null,"state":"recorded","wanted":{"granted":[2500,"USD"],"kind":"credit_line","on_exhaustion":"freeze","restriction":null}}','437cf7412afb373306bf3994e7c74f0752adeee74ecb4c7c5dc4972d7aed81df');
INSERT INTO "audit" VALUES(14,'2026-11-22T08:30:00.123456Z','tag_proven','tidegate','tencent-main',NULL,NULL,'{}','d335e7c5b1b751e6866579d54954a21e2978df31dc8ec03d50ffac58b488716b');
INSERT INTO "audit" VALUES(15,'2026-11-22T08:30:00.123456Z','books_kept','tidegate','tencent-main',NULL,NULL,'{"accounts":["tencent-main"],"books":2,"sha256":"483243d33bc97a67a03e9aa2aed38a9f77dd65f6bdb2e486fb57bb53eb390e1c"}','9c748d95dd05426909e81b2666d7d917157d9e0dcefca9855a3556cf94a45231');
INSERT INTO "audit" VALUES(16,'2026-11-22T08:30:00.123456Z','dispute_opened','tidegate','tencent-main','tencent','100','{"evidence":"mark","id":"a","opened_at":"2026-11-22T08:30:00.123456Z","sentence":"a record carries our mark","sort":"orphan"}','b55a4385848ddd40b80b48ba678eb5c2fc3db2406117c63b7288165e3ef684eb');
INSERT INTO "audit" VALUES(17,'2026-11-22T08:30:00.123456Z','dispute_opened','tidegate','tencent-main',NULL,NULL,'{"evidence":"x","id":"b","opened_at":"2026-11-22T08:30:00.123456Z","sentence":"a record carries our mark","sort":"orphan"}','e9599e434c742533e6574cd527c2fa31a51d3677492f23cf8eb929e10c7c3156');
INSERT INTO "audit" VALUES(18,'2026-11-22T08:30:00.123456Z','dispute_closed','anna','tencent-main',NULL,NULL,'{"evidence":"x","id":"b","opened_at":"2026-11-22T08:30:00.123456Z","sentence":"a record carries our mark","sort":"orphan","why":"seen"}','0845e30dda61c6995933d3aa82f48592a9cd6dcc6e31681fc9bd200d775b7994');
INSERT INTO "audit" VALUES(19,'2026-11-22T08:30:00.123456Z','paused','anna','tencent-main',NULL,NULL,'{"customer_id":null,"since":"2026-11-22T08:30:00.123456Z","until":null,"why":"move"}','158c50220ed56d50cf45a1efc5e214f07407cad2235a474f64c5aa746e40f627');
INSERT INTO "audit" VALUES(20,'2026-11-22T08:30:00.123456Z','limit_accepted','bert','tencent-main','tencent','100','{"digest":"digest","new":{"account":"tencent-main","allow_zero":false,"amount":[5000,"USD"],"changed_by":"bert","customer_id":"100","indirect_partner_id":"partner 7","kind":"credit_line","name":"K\u00e4ufer","non_stop":false,"on_exhaustion":"freeze","reason":"grew","source":["limits.csv",2],"vendor":"tencent","write_policy":null},"old":null}','243422a188b557cf99e30b4ec651192109e443af3a5ad75d3925450784d13afd');
INSERT INTO "audit" VALUES(21,'2026-11-22T08:30:00.123456Z','limit_accepted','bert','tencent-main','tencent','200','{"digest":"digest","new":{"account":"tencent-main","allow_zero":false,"amount":[5000,"USD"],"changed_by":"bert","customer_id":"200","indirect_partner_id":"partner 7","kind":"credit_line","name":"K\u00e4ufer","non_stop":false,"on_exhaustion":"freeze","reason":"grew","source":["limits.csv",3],"vendor":"tencent","write_policy":"raise_only"},"old":null}','ca96924c895d0268adf8b9ad6a72afe7a38a88ef2da9ee731b6f46ae45dc8a45');
INSERT INTO "audit" VALUES(22,'2026-11-22T08:30:00.123456Z','run_kept','anna',NULL,NULL,NULL,'{"begun_at":"2026-11-22T08:30:00.123456Z","command":"apply","ended_at":"2026-11-22T08:31:00.123456Z","exit_code":4,"id":"run","plan_sha256":"ba9a4de72ad325f7f140f987bf89b23a465e5ccf8292643681aee5939a6ef848","summary":"1 of 2"}','790b06b82dd59fb595d640d68722df06618b90c0e55fbf756a300be869574bee');
CREATE TABLE books (
	account TEXT NOT NULL,
	vendor TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	opened_cents BIGINT,
	opened_currency TEXT,
	granted_cents BIGINT,
	granted_currency TEXT,
	kind TEXT,
	as_of VARCHAR(27) NOT NULL,
	ours_cents BIGINT NOT NULL,
	ours_currency TEXT NOT NULL,
	others_cents BIGINT NOT NULL,
	others_currency TEXT NOT NULL,
	rows BIGINT,
	on_exhaustion TEXT,
	written_at VARCHAR(27),
	checked_at VARCHAR(27),
	row_awaited BOOLEAN NOT NULL,
	drift TEXT,
	mismatch_granted_cents BIGINT,
	mismatch_granted_currency TEXT,
	mismatch_since VARCHAR(27),
	CONSTRAINT books_pk PRIMARY KEY (account, vendor, customer_id)
);
INSERT INTO "books" VALUES('tencent-main','tencent','100',500,'USD',1000,'USD','credit_line','2026-11-22T08:30:00.123456Z',500,'USD',0,'USD',2,'freeze','2026-11-22T08:30:00.123456Z',NULL,0,NULL,-1,'USD','2026-11-22T08:31:00.123456Z');
INSERT INTO "books" VALUES('tencent-main','tencent','200',500,'USD',1000,'USD','credit_line','2026-11-22T08:30:00.123456Z',500,'USD',0,'USD',2,'freeze','2026-11-22T08:30:00.123456Z',NULL,0,'bert changed it',-1,'USD','2026-11-22T08:31:00.123456Z');
CREATE TABLE disputes (
	id TEXT NOT NULL,
	sort TEXT NOT NULL,
	account TEXT NOT NULL,
	vendor TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	evidence TEXT NOT NULL,
	sentence TEXT NOT NULL,
	opened_at VARCHAR(27) NOT NULL,
	closed_at VARCHAR(27),
	closed_by TEXT,
	closed_why TEXT,
	CONSTRAINT disputes_pk PRIMARY KEY (id)
);
INSERT INTO "disputes" VALUES('a','orphan','tencent-main','tencent','100','mark','a record carries our mark','2026-11-22T08:30:00.123456Z',NULL,NULL,NULL);
INSERT INTO "disputes" VALUES('b','orphan','tencent-main','','','x','a record carries our mark','2026-11-22T08:30:00.123456Z','2026-11-22T08:30:00.123456Z','anna','seen');
CREATE TABLE installation (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	made_at VARCHAR(27) NOT NULL,
	CONSTRAINT installation_pk PRIMARY KEY (id),
	CONSTRAINT installation_one_row CHECK (id = 1)
);
INSERT INTO "installation" VALUES(1,'X05A','2026-11-22T08:30:00.123456Z');
CREATE TABLE intents (
	id TEXT NOT NULL,
	mark TEXT NOT NULL,
	installation TEXT NOT NULL,
	run TEXT NOT NULL,
	who TEXT NOT NULL,
	account TEXT NOT NULL,
	vendor TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	indirect_partner_id TEXT,
	action TEXT NOT NULL,
	before_granted_cents BIGINT,
	before_granted_currency TEXT,
	before_kind TEXT,
	before_on_exhaustion TEXT,
	before_restriction TEXT,
	wanted_granted_cents BIGINT,
	wanted_granted_currency TEXT,
	wanted_kind TEXT,
	wanted_on_exhaustion TEXT,
	wanted_restriction TEXT,
	change_cents BIGINT,
	change_currency TEXT,
	rows_before BIGINT,
	inputs_hash TEXT NOT NULL,
	epoch BIGINT NOT NULL,
	recorded_at VARCHAR(27) NOT NULL,
	state TEXT NOT NULL,
	sent_at VARCHAR(27),
	send_before VARCHAR(27),
	fence_at VARCHAR(27),
	closed_at VARCHAR(27),
	absent_since VARCHAR(27),
	proven BOOLEAN NOT NULL,
	outcome TEXT NOT NULL,
	code TEXT NOT NULL,
	request_id TEXT NOT NULL,
	CONSTRAINT intents_pk PRIMARY KEY (id),
	CONSTRAINT intents_mark_unique UNIQUE (mark),
	CONSTRAINT intents_state CHECK (state IN ('confirmed', 'disputed', 'not_sent', 'recorded', 'refused', 'sent', 'settled_applied', 'settled_not_applied', 'uncertain'))
);
INSERT INTO "intents" VALUES('00000000000000000000000001','tgTEST00000000000000000000000001','X05A','run','anna','tencent-main','tencent','100','partner 7','set_amount',1000,'USD','credit_line',NULL,'none',2500,'USD','credit_line','freeze',NULL,1500,'USD',3,'f00d',1,'2026-11-22T08:30:00.123456Z','settled_applied','2026-11-22T08:31:00.123456Z','2026-11-22T08:32:00.123456Z','2026-11-22T08:39:00.123456Z','2026-11-22T08:40:00.123456Z',NULL,1,'now settled_applied','FailedOperation','request-1');
INSERT INTO "intents" VALUES('00000000000000000000000002','tgTEST00000000000000000000000002','X05A','run','anna','tencent-main','tencent','100','partner 7','set_amount',1000,'USD','credit_line',NULL,'none',2500,'USD','credit_line','freeze',NULL,1500,'USD',3,'f00d',1,'2026-11-22T08:30:00.123456Z','refused','2026-11-22T08:31:00.123456Z','2026-11-22T08:32:00.123456Z','2026-11-22T08:39:00.123456Z','2026-11-22T08:40:00.123456Z',NULL,1,'now refused','FailedOperation','request-1');
INSERT INTO "intents" VALUES('00000000000000000000000003','tgTEST00000000000000000000000003','X05A','run','anna','tencent-main','tencent','100','partner 7','set_amount',1000,'USD','credit_line',NULL,'none',2500,'USD','credit_line','freeze',NULL,1500,'USD',3,'f00d',1,'2026-11-22T08:30:00.123456Z','uncertain','2026-11-22T08:31:00.123456Z','2026-11-22T08:32:00.123456Z','2026-11-22T08:39:00.123456Z',NULL,NULL,1,'now uncertain','FailedOperation','request-1');
INSERT INTO "intents" VALUES('00000000000000000000000004','tgTEST00000000000000000000000004','X05A','run','anna','tencent-main','tencent','200','partner 7','set_amount',1000,'USD','credit_line',NULL,'none',2500,'USD','credit_line','freeze',NULL,1500,'USD',3,'f00d',1,'2026-11-22T08:30:00.123456Z','recorded',NULL,NULL,NULL,NULL,NULL,1,'','','');
CREATE TABLE leases (
	account TEXT NOT NULL,
	epoch BIGINT NOT NULL,
	holder TEXT NOT NULL,
	taken_at VARCHAR(27) NOT NULL,
	CONSTRAINT leases_pk PRIMARY KEY (account)
);
INSERT INTO "leases" VALUES('tencent-main',1,'test','2026-11-22T08:30:00.123456Z');
CREATE TABLE limit_changes (
	number INTEGER NOT NULL,
	vendor TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	old TEXT,
	new TEXT,
	digest TEXT NOT NULL,
	first_seen VARCHAR(27) NOT NULL,
	CONSTRAINT limit_changes_pk PRIMARY KEY (number)
);
INSERT INTO "limit_changes" VALUES(1,'tencent','100',NULL,'{"account":"tencent-main","vendor":"tencent","customer_id":"100","indirect_partner_id":"partner 7","kind":"credit_line","amount":[5000,"USD"],"on_exhaustion":"freeze","allow_zero":false,"non_stop":false,"write_policy":null,"name":"K\u00e4ufer","changed_by":"bert","reason":"grew","source":["limits.csv",2]}','digest','2026-11-22T08:30:00.123456Z');
INSERT INTO "limit_changes" VALUES(2,'tencent','200',NULL,'{"account":"tencent-main","vendor":"tencent","customer_id":"200","indirect_partner_id":"partner 7","kind":"credit_line","amount":[5000,"USD"],"on_exhaustion":"freeze","allow_zero":false,"non_stop":false,"write_policy":"raise_only","name":"K\u00e4ufer","changed_by":"bert","reason":"grew","source":["limits.csv",3]}','digest','2026-11-22T08:30:00.123456Z');
CREATE TABLE limits_accepted (
	account TEXT NOT NULL,
	vendor TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	document TEXT NOT NULL,
	CONSTRAINT limits_accepted_pk PRIMARY KEY (account, vendor, customer_id)
);
INSERT INTO "limits_accepted" VALUES('tencent-main','tencent','100','{"account":"tencent-main","vendor":"tencent","customer_id":"100","indirect_partner_id":"partner 7","kind":"credit_line","amount":[5000,"USD"],"on_exhaustion":"freeze","allow_zero":false,"non_stop":false,"write_policy":null,"name":"K\u00e4ufer","changed_by":"bert","reason":"grew","source":["limits.csv",2]}');
INSERT INTO "limits_accepted" VALUES('tencent-main','tencent','200','{"account":"tencent-main","vendor":"tencent","customer_id":"200","indirect_partner_id":"partner 7","kind":"credit_line","amount":[5000,"USD"],"on_exhaustion":"freeze","allow_zero":false,"non_stop":false,"write_policy":"raise_only","name":"K\u00e4ufer","changed_by":"bert","reason":"grew","source":["limits.csv",3]}');
CREATE TABLE observations (
	number INTEGER NOT NULL,
	run TEXT NOT NULL,
	account TEXT NOT NULL,
	vendor TEXT NOT NULL,
	customer_id TEXT NOT NULL,
	indirect_partner_id TEXT,
	as_of VARCHAR(27) NOT NULL,
	granted_cents BIGINT,
	granted_currency TEXT,
	granted_absence TEXT,
	kind TEXT,
	spent_low_cents BIGINT,
	spent_low_currency TEXT,
	spent_high_cents BIGINT,
	spent_high_currency TEXT,
	spent_since VARCHAR(27),
	available_cents BIGINT,
	available_currency TEXT,
	restriction TEXT,
	on_exhaustion TEXT,
	currency TEXT NOT NULL,
	lag_microseconds BIGINT NOT NULL,
	name TEXT,
	again BOOLEAN NOT NULL,
	newest BOOLEAN NOT NULL,
	CONSTRAINT observations_pk PRIMARY KEY (number)
);
INSERT INTO "observations" VALUES(1,'run','tencent-main','tencent','100',NULL,'2026-11-22T08:30:00.123456Z',10000,'USD',NULL,'credit_line',0,'USD',1,'USD','2026-11-22T08:29:00.123456Z',10000,'USD','none','freeze','USD',300000007,'Käufer & Söhne',0,0);
INSERT INTO "observations" VALUES(2,'run','tencent-main','tencent','200',NULL,'2026-11-22T08:30:00.123456Z',10000,'USD',NULL,'credit_line',5,'USD',6,'USD','2026-11-22T08:29:00.123456Z',9995,'USD','none','freeze','USD',300000007,'Käufer & Söhne',0,0);
INSERT INTO "observations" VALUES(3,'run','tencent-main','tencent','100',NULL,'2026-11-22T08:40:00.123456Z',10000,'USD',NULL,'credit_line',0,'USD',1,'USD','2026-11-22T08:29:00.123456Z',10000,'USD','none','freeze','USD',300000007,'Käufer & Söhne',1,1);
INSERT INTO "observations" VALUES(4,'run','tencent-main','tencent','200',NULL,'2026-11-22T08:40:00.123456Z',10000,'USD',NULL,'credit_line',6,'USD',7,'USD','2026-11-22T08:29:00.123456Z',9994,'USD','none','freeze','USD',300000007,'Käufer & Söhne',0,1);
CREATE TABLE pauses (
	number INTEGER NOT NULL,
	account TEXT,
	customer_id TEXT,
	who TEXT NOT NULL,
	why TEXT NOT NULL,
	since VARCHAR(27) NOT NULL,
	until VARCHAR(27),
	ended_at VARCHAR(27),
	ended_by TEXT,
	ended_why TEXT,
	CONSTRAINT pauses_pk PRIMARY KEY (number)
);
INSERT INTO "pauses" VALUES(1,'tencent-main',NULL,'anna','move','2026-11-22T08:30:00.123456Z',NULL,NULL,NULL,NULL);
CREATE TABLE runs (
	id TEXT NOT NULL,
	command TEXT NOT NULL,
	who TEXT NOT NULL,
	begun_at VARCHAR(27) NOT NULL,
	ended_at VARCHAR(27),
	exit_code INTEGER,
	"plan" BLOB,
	summary TEXT NOT NULL,
	CONSTRAINT runs_pk PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('run','apply','anna','2026-11-22T08:30:00.123456Z','2026-11-22T08:31:00.123456Z',4,X'789CAB564ACE2F2A4A4D2EC9CCCF2B56B252888EAD0500481206FA','1 of 2');
CREATE TABLE schema_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT schema_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "schema_version" VALUES('0001');
CREATE TABLE tag_proofs (
	account TEXT NOT NULL,
	proven_at VARCHAR(27) NOT NULL,
	CONSTRAINT tag_proofs_pk PRIMARY KEY (account)
);
INSERT INTO "tag_proofs" VALUES('tencent-main','2026-11-22T08:30:00.123456Z');
CREATE UNIQUE INDEX intents_one_open ON intents (vendor, customer_id) WHERE state IN ('confirmed', 'disputed', 'recorded', 'sent', 'uncertain');
CREATE INDEX intents_by_customer ON intents (vendor, customer_id, recorded_at);
CREATE INDEX intents_by_account ON intents (account, state);
CREATE INDEX intents_by_time ON intents (recorded_at);
CREATE UNIQUE INDEX disputes_one_evidence ON disputes (account, vendor, customer_id, sort, evidence);
CREATE INDEX limit_changes_by_customer ON limit_changes (vendor, customer_id);
CREATE INDEX runs_by_time ON runs (begun_at);
CREATE INDEX audit_by_customer ON audit (vendor, customer_id);
CREATE INDEX observations_by_time ON observations (vendor, customer_id, as_of);
CREATE UNIQUE INDEX observations_newest ON observations (vendor, customer_id) WHERE newest;
COMMIT;
