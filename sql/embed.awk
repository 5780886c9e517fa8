# Turns the migrations named on the command line into the C table st_migrations[] on standard output.
# The name says everything: sql/<dialect>/<part>-<number>-<title>.sql
# Lines of nothing but a comment are left out; a statement ends with ";" at the end of a line.

function finish()
{
  if (open)
    print "    },";
  open = 0
}

BEGIN {
  print "/* Made from sql/ by sql/embed.awk. */"
  print "#include \"config.h\""
  print "#include \"store/st-schema-private.h\"\n"
  print "const StMigration st_migrations[] = {"
}

FNR == 1 {
  finish()
  n = split (FILENAME, path, "/")
  split (path[n], word, "-")
  title = path[n]
  sub (/\.sql$/, "", title)
  kind = (path[n - 1] == "sqlite") ? "APIM_DATABASE_SQLITE" : "APIM_DATABASE_MYSQL"
  part = (word[1] == "apim") ? "ST_SCHEMA_API" : "ST_SCHEMA_USER"
  printf "    { %s, %s, %d, \"%s\",\n", kind, part, word[2] + 0, title
  open = 1
  print "      \"\""
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

{
  gsub (/\\/, "\\\\")
  gsub (/"/, "\\\"")
  print "      \"" $0 "\\n\""
}

END {
  finish()
  print "};"
  print "const guint st_n_migrations = G_N_ELEMENTS (st_migrations);"
}
