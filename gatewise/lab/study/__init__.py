"""The study of variants: ``trials`` trains, ``findings`` says what the numbers say, ``page`` shows both."""
