"""A library past one machine: PostgreSQL keeps it, Milvus its vectors, any number of programs read it.

What writes changes a copy on its own disk as it would an embedded library, then publishes the difference
in one transaction. Readers never see half of it: every row tells from which version on, and up to which,
it is there, and a vector counts only where the database says so.
"""
