"""What everybody needs: errors, files, options of commands, records of runs, tables."""
