-- The words of `searchable`, in SQLite's index. They are folded before they come here: what is split at is the blank, and
-- what is compared are bytes (the tokenizer `ascii` takes all else for letters). Which column a word stands in is asked
-- for, and where in it is not.
CREATE VIRTUAL TABLE searchable_words USING fts5 (
    title, told, prose, content = 'searchable', content_rowid = 'id', tokenize = 'ascii', detail = 'column'
);
-- What is taken out leaves nothing behind: a person may be in it.
INSERT INTO searchable_words (searchable_words, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER searchable_put AFTER INSERT ON searchable BEGIN
    INSERT INTO searchable_words (rowid, title, told, prose) VALUES (new.id, new.title, new.told, new.prose);
END;
CREATE TRIGGER searchable_taken AFTER DELETE ON searchable BEGIN
    INSERT INTO searchable_words (searchable_words, rowid, title, told, prose)
        VALUES ('delete', old.id, old.title, old.told, old.prose);
END;
CREATE TRIGGER searchable_changed AFTER UPDATE ON searchable BEGIN
    INSERT INTO searchable_words (searchable_words, rowid, title, told, prose)
        VALUES ('delete', old.id, old.title, old.told, old.prose);
    INSERT INTO searchable_words (rowid, title, told, prose) VALUES (new.id, new.title, new.told, new.prose);
END;
