#include "runner/cli.h"

int main(int argc, char **argv)
{
    return dbk_cli_main(argc, argv);
}
