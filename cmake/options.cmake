# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings, hardening and sanitizers: one interface target that every target of ours links.
add_library(voisin_options INTERFACE)
target_include_directories(voisin_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(voisin_options INTERFACE _GNU_SOURCE VOISIN_VERSION="${PROJECT_VERSION}")
target_compile_options(voisin_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wvla -Wformat=2 -Wundef -Wcast-qual
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
  -fstack-protector-strong)
if(VOISIN_WERROR)
  target_compile_options(voisin_options INTERFACE -Werror)
endif()
if(VOISIN_SANITIZE)
  target_compile_options(voisin_options INTERFACE -fsanitize=${VOISIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(voisin_options INTERFACE -fsanitize=${VOISIN_SANITIZE})
else()
  target_compile_options(voisin_options INTERFACE -fstack-clash-protection
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
  target_link_options(voisin_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(voisin_options INTERFACE -fcf-protection)
endif()

# voisin_library(NAME SOURCES...): a static library of one room.
function(voisin_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC voisin_options)
endfunction()

# voisin_program(NAME SOURCES...): a program, position-independent.
function(voisin_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE voisin_options)
  if(NOT VOISIN_SANITIZE)
    target_link_options(${name} PRIVATE -pie)
  endif()
endfunction()
