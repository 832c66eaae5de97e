-- The words of `searchable`, in PostgreSQL's index. They are folded before they come here: no dictionary of the database
-- has a say in it.
ALTER TABLE searchable
    ADD COLUMN title_words TSVECTOR NOT NULL GENERATED ALWAYS AS (array_to_tsvector(string_to_array(title, ' '))) STORED,
    ADD COLUMN told_words TSVECTOR NOT NULL GENERATED ALWAYS AS (
        array_to_tsvector(string_to_array(title, ' ')) || array_to_tsvector(string_to_array(told, ' '))
    ) STORED,
    ADD COLUMN all_words TSVECTOR NOT NULL GENERATED ALWAYS AS (
        array_to_tsvector(string_to_array(title, ' ')) || array_to_tsvector(string_to_array(told, ' '))
        || array_to_tsvector(string_to_array(prose, ' '))
    ) STORED;
CREATE INDEX searchable_words ON searchable USING GIN (all_words);
